// What Swift cannot say: the clone3 child, variadics, constants. Fixed-width types only, every symbol prefixed nova_.
#pragma once
#include <stdint.h>
