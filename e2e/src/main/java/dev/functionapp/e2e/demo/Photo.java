package dev.functionapp.e2e.demo;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/**
 * A photograph.
 *
 * @param name the file's name
 * @param content the file's content
 * @param width in pixels
 * @param height in pixels
 */
public record Photo(String name, byte[] content, int width, int height) {

  /** The longer edge of a thumbnail, in pixels. */
  private static final int LONGER_EDGE = 160;

  static Photo of(String name, byte[] content) throws IOException {
    BufferedImage image = decode(content);
    return new Photo(name, content, image.getWidth(), image.getHeight());
  }

  String contentType() {
    return name.endsWith(".png") ? "image/png" : "image/jpeg";
  }

  /**
   * Checks that an image is this photo's thumbnail by its size: the longer edge as agreed, the other in proportion.
   *
   * @throws IOException when it cannot be decoded or has another size
   */
  void checkThumbnail(byte[] thumbnail) throws IOException {
    BufferedImage image = decode(thumbnail);
    double scale = (double) LONGER_EDGE / Math.max(width, height);
    boolean fits = Math.abs(image.getWidth() - width * scale) <= 1 && Math.abs(image.getHeight() - height * scale) <= 1;
    if (!fits) {
      throw new IOException(
          "the thumbnail of %s (%d x %d) is %d x %d".formatted(name, width, height, image.getWidth(), image.getHeight()));
    }
  }

  private static BufferedImage decode(byte[] content) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(content));
    if (image == null) {
      throw new IOException("not an image: " + content.length + " bytes");
    }
    return image;
  }
}
