// A worker that lives as short as one can: it writes one byte into a FIFO and ends with an error. For the crash storm.
// usage: blink FIFO
// Must never do anything else: what it costs is the same for every contestant.
#include <fcntl.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 2) return 2;
  int fifo = open(arguments[1], O_WRONLY | O_CLOEXEC);
  if (fifo < 0 || write(fifo, ".", 1) != 1) return 3;
  return 1;
}
