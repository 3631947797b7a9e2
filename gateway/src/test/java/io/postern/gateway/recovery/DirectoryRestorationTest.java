package io.postern.gateway.recovery;

class DirectoryRestorationTest extends RestorationContract {}
