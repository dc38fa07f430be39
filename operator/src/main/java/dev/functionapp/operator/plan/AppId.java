package dev.functionapp.operator.plan;

/**
 * Which FunctionApp: where it lives and which life of its name it is.
 *
 * @param uid the API server's identifier; an app that is deleted and made again has another one
 */
public record AppId(String namespace, String name, String uid) {}
