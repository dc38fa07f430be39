package dev.functionapp.e2e.storage;

import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.common.StorageSharedKeyCredential;
import dev.functionapp.e2e.install.OperatorChart;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;

/** The chart's store of packages, seen from this machine with the operator's rights. */
public final class PackageStore implements AutoCloseable {

  private static final String ACCOUNT = "packages";
  private static final int BLOB_PORT = 10000;

  private final Tunnel tunnel;
  private final BlobServiceClient blobs;

  private PackageStore(Tunnel tunnel, StorageSharedKeyCredential credential) {
    this.tunnel = tunnel;
    this.blobs = new BlobServiceClientBuilder().endpoint("http://127.0.0.1:" + tunnel.port() + "/" + ACCOUNT).credential(credential).buildClient();
  }

  /** Opens the account with the key that the chart keeps. */
  public static PackageStore open(KubernetesClient client) {
    String name = OperatorChart.azurite();
    String key = client.secrets().inNamespace(OperatorChart.NAMESPACE).withName(name).require().getData().get("packagesKey");
    String decoded = new String(Base64.getDecoder().decode(key), StandardCharsets.UTF_8);
    return new PackageStore(Tunnel.open(client, OperatorChart.NAMESPACE, name, BLOB_PORT), new StorageSharedKeyCredential(ACCOUNT, decoded));
  }

  /** Names of the blobs that an app has. */
  public Set<String> blobs(String namespace, String app) {
    return blobs.getBlobContainerClient("ns-" + hash(namespace)).listBlobs().stream()
        .map(BlobItem::getName)
        .filter(name -> name.contains("/" + app + "/"))
        .collect(Collectors.toSet());
  }

  /** An address of the store as pods know it, from this machine. */
  public URI fromHere(URI address) {
    return URI.create("http://127.0.0.1:" + tunnel.port() + address.getRawPath() + "?" + address.getRawQuery());
  }

  /** What the names of a namespace's containers end with: {@code ns-…} for packages, {@code deps-…} for dependencies. */
  public static String hash(String namespace) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(namespace.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, 40);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    tunnel.close();
  }
}
