-- Health of a functionapp.dev/FunctionApp: what kstatus reads from the same conditions, in Argo CD's words.
local function raised(kind)
  for _, condition in ipairs(obj.status.conditions or {}) do
    if condition.type == kind and condition.status == "True" then
      return condition
    end
  end
end

local function health(status, condition)
  return { status = status, message = condition.reason .. ": " .. condition.message }
end

if obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "it is being deleted" }
end
if obj.spec ~= nil and obj.spec.suspend == true then
  return { status = "Suspended", message = "spec.suspend is true: the operator leaves everything as it is" }
end
-- The spec has changed, and all that the status says is about the one before.
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "waiting for the operator to look at the spec" }
end

local reconciling, stalled, ready = raised("Reconciling"), raised("Stalled"), raised("Ready")
if reconciling ~= nil then
  return health("Progressing", reconciling)
elseif stalled ~= nil then
  return health("Degraded", stalled)
elseif ready ~= nil then
  return health("Healthy", ready)
end
return { status = "Progressing", message = "the operator has not said yet whether it is ready" }
