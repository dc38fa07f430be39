package dev.functionapp.operator.packages;

import com.azure.storage.blob.sas.BlobSasPermission;

/** What a grant allows on its one blob; nothing that is there can be changed by any of them. */
enum Access {
  READ(new BlobSasPermission().setReadPermission(true)),
  CREATE(new BlobSasPermission().setCreatePermission(true)),
  CREATE_AND_READ(new BlobSasPermission().setCreatePermission(true).setReadPermission(true));

  private final BlobSasPermission permission;

  Access(BlobSasPermission permission) {
    this.permission = permission;
  }

  BlobSasPermission permission() {
    return permission;
  }
}
