package dev.functionapp.e2e.storage;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.sas.BlobSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.QueueMessageEncoding;
import com.azure.storage.queue.QueueServiceClient;
import com.azure.storage.queue.QueueServiceClientBuilder;
import com.azure.storage.queue.models.QueueStorageException;
import dev.functionapp.e2e.install.OperatorChart;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The storage account of the chart that apps have when they name no other, seen from this machine. */
public final class AppStorage implements AutoCloseable {

  private static final String ACCOUNT = "apps";
  private static final int BLOB_PORT = 10000;
  private static final int QUEUE_PORT = 10001;
  private static final int SENDERS = 8;

  private final String key;
  private final Tunnel blobTunnel;
  private final Tunnel queueTunnel;
  private final BlobServiceClient blobs;
  private final QueueServiceClient queues;

  private AppStorage(Tunnel blobTunnel, Tunnel queueTunnel, String key) {
    StorageSharedKeyCredential credential = new StorageSharedKeyCredential(ACCOUNT, key);
    this.key = key;
    this.blobTunnel = blobTunnel;
    this.queueTunnel = queueTunnel;
    this.blobs = new BlobServiceClientBuilder().endpoint(endpoint(blobTunnel)).credential(credential).buildClient();
    this.queues =
        new QueueServiceClientBuilder()
            .endpoint(endpoint(queueTunnel))
            .credential(credential)
            .messageEncoding(QueueMessageEncoding.BASE64)
            .buildClient();
  }

  /** Opens the account with the key that the chart keeps. */
  public static AppStorage open(KubernetesClient client) {
    String name = OperatorChart.azurite();
    String key = client.secrets().inNamespace(OperatorChart.NAMESPACE).withName(name).require().getData().get("appsKey");
    String decoded = new String(Base64.getDecoder().decode(key), StandardCharsets.UTF_8);
    return new AppStorage(
        Tunnel.open(client, OperatorChart.NAMESPACE, name, BLOB_PORT),
        Tunnel.open(client, OperatorChart.NAMESPACE, name, QUEUE_PORT),
        decoded);
  }

  /** The account as pods reach it. */
  public String connectionString() {
    return connectionString(key);
  }

  /** The same with another key. */
  public String connectionString(String otherKey) {
    String host = "http://" + OperatorChart.azurite() + "." + OperatorChart.NAMESPACE + ".svc";
    return "DefaultEndpointsProtocol=http;AccountName=%1$s;AccountKey=%2$s;BlobEndpoint=%3$s:%4$d/%1$s;QueueEndpoint=%3$s:%5$d/%1$s;"
        .formatted(ACCOUNT, otherKey, host, BLOB_PORT, QUEUE_PORT);
  }

  private static String endpoint(Tunnel tunnel) {
    return "http://127.0.0.1:" + tunnel.port() + "/" + ACCOUNT;
  }

  /** Puts a message in a queue, which is made if it is not there, in the encoding that function apps expect. */
  public void send(String queue, String message) {
    QueueClient client = queues.getQueueClient(queue);
    client.createIfNotExists();
    client.sendMessage(message);
  }

  /** Puts messages in a queue, several at a time. */
  public void sendAll(String queue, List<String> messages) {
    sendAll(queue, messages.size(), messages::get);
  }

  /** Puts messages in a queue, several at a time; each is made at the moment when it is sent. */
  public void sendAll(String queue, int count, IntFunction<String> message) {
    sendOver(Duration.ZERO, queue, count, message);
  }

  /** Puts messages in a queue, spread evenly over a time; each is made at the moment when it is sent. */
  public void sendOver(Duration time, String queue, int count, IntFunction<String> message) {
    QueueClient client = queues.getQueueClient(queue);
    client.createIfNotExists();
    try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
      IntStream.range(0, count)
          .mapToObj(i -> {
            Executor sender = CompletableFuture.delayedExecutor(time.toMillis() * i / count, TimeUnit.MILLISECONDS, senders);
            return CompletableFuture.runAsync(() -> client.sendMessage(message.apply(i)), sender);
          })
          .toList()
          .forEach(CompletableFuture::join);
    }
  }

  /** Makes a queue, if it is not there. */
  public void createQueue(String queue) {
    queues.getQueueClient(queue).createIfNotExists();
  }

  /** The texts of the first visible messages of a queue, at most 32; none for a queue that is not there. */
  public List<String> peek(String queue) {
    return inQueue(queue, client -> client.peekMessages(32, null, null).stream().map(message -> message.getBody().toString()).toList()).orElse(List.of());
  }

  /** Removes all messages from a queue, if it is there. */
  public void clear(String queue) {
    inQueue(queue, client -> {
      client.clearMessages();
      return true;
    });
  }

  /** Messages in a queue, those included that are being worked on; 0 for a queue that is not there. */
  public int queueLength(String queue) {
    return inQueue(queue, client -> client.getProperties().getApproximateMessagesCount()).orElse(0);
  }

  /** How long the first visible message has been in a queue; empty when there is none. */
  public Optional<Duration> oldestMessageAge(String queue) {
    return inQueue(queue, QueueClient::peekMessage)
        .map(message -> Duration.between(message.getInsertionTime(), OffsetDateTime.now()))
        .map(age -> age.isNegative() ? Duration.ZERO : age);
  }

  private <T> Optional<T> inQueue(String queue, Function<QueueClient, T> look) {
    try {
      return Optional.ofNullable(look.apply(queues.getQueueClient(queue)));
    } catch (QueueStorageException e) {
      if (e.getStatusCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Names of the blobs whose names start with a prefix; none for a container that is not there. */
  public Set<String> blobs(String container, String prefix) {
    BlobContainerClient client = blobs.getBlobContainerClient(container);
    if (!client.exists()) {
      return Set.of();
    }
    return client.listBlobs(new ListBlobsOptions().setPrefix(prefix), null).stream().map(BlobItem::getName).collect(Collectors.toSet());
  }

  /** Puts a blob into a container, which is made if it is not there. */
  public void upload(String container, String blob, byte[] content) {
    BlobContainerClient client = blobs.getBlobContainerClient(container);
    client.createIfNotExists();
    client.getBlobClient(blob).upload(BinaryData.fromBytes(content), true);
  }

  /** A shared access signature, the query of an URL, that lets a blob be read for a day. */
  public String readSignature(String container, String blob) {
    var values = new BlobServiceSasSignatureValues(OffsetDateTime.now().plusDays(1), new BlobSasPermission().setReadPermission(true));
    return blobs.getBlobContainerClient(container).getBlobClient(blob).generateSas(values);
  }

  /** A blob's content. */
  public byte[] download(String container, String blob) {
    return blobs.getBlobContainerClient(container).getBlobClient(blob).downloadContent().toBytes();
  }

  @Override
  public void close() {
    blobTunnel.close();
    queueTunnel.close();
  }
}
