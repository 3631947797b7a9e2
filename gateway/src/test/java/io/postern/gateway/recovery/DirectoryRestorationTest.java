package io.postern.gateway.recovery;

import io.postern.maildrop.DirectoryStore;
import io.postern.maildrop.ObjectStore;

class DirectoryRestorationTest extends RestorationContract {
  @Override
  ObjectStore openStore() throws Exception {
    return new DirectoryStore(folder);
  }

  @Override
  void closeServer() {}
}
