// The door to libcurl, which is loaded when the first transfer is made: it brings some forty libraries, a megabyte of
// memory that a supervisor without HTTP checks does not pay. Nothing here calls a function of libcurl by its name.
#pragma once
#include "library.h"
#include "dial.h"
#include "multi.h"
#include "transfer.h"
