package dev.functionapp.operator;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;

/**
 * Reads a field of an unexpected type as absent, and skips a field that the types do not have.
 * Otherwise one object that was stored under another schema would keep a whole list from being
 * read, and with it every other app; and the types of KEDA's objects hold no more than is used.
 */
final class LenientSerialization {

  private LenientSerialization() {}

  static KubernetesSerialization create() {
    var mapper = new ObjectMapper();
    mapper.addHandler(new Skip());
    return new KubernetesSerialization(mapper, true);
  }

  private static final class Skip extends DeserializationProblemHandler {

    @Override
    public boolean handleUnknownProperty(
        DeserializationContext context,
        JsonParser parser,
        JsonDeserializer<?> deserializer,
        Object bean,
        String property)
        throws IOException {
      parser.skipChildren();
      return true;
    }

    @Override
    public Object handleUnexpectedToken(
        DeserializationContext context,
        JavaType type,
        JsonToken token,
        JsonParser parser,
        String message)
        throws IOException {
      parser.skipChildren();
      return null;
    }

    @Override
    public Object handleWeirdStringValue(
        DeserializationContext context, Class<?> type, String value, String message) {
      return null;
    }

    @Override
    public Object handleWeirdNumberValue(
        DeserializationContext context, Class<?> type, Number value, String message) {
      return null;
    }
  }
}
