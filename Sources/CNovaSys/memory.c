// Two calls of glibc's allocator that Swift's Glibc module does not offer.
// Must never be called by the child between clone3 and exec.
#include <malloc.h>

#include "CNovaSys.h"

void nova_limit_arenas(void) { mallopt(M_ARENA_MAX, 1); }

void nova_return_memory(void) { malloc_trim(0); }
