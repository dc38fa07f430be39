package dev.functionapp.operator.packages;

import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobSasPermission;

/** What a grant allows; nothing that is there can be changed by any of them. */
enum Access {
  READ(true, false),
  CREATE(false, true),
  CREATE_AND_READ(true, true);

  private final boolean read;
  private final boolean create;

  Access(boolean read, boolean create) {
    this.read = read;
    this.create = create;
  }

  /** On one blob. */
  BlobSasPermission ofBlob() {
    return new BlobSasPermission().setReadPermission(read).setCreatePermission(create);
  }

  /** On every blob of a container whose name is known: they cannot be listed. */
  BlobContainerSasPermission ofContainer() {
    return new BlobContainerSasPermission().setReadPermission(read).setCreatePermission(create);
  }
}
