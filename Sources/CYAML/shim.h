// The door to libyaml. Static-inline wrappers for what Swift cannot call (variadics, macros) go here, prefixed nova_.
#pragma once
#include <yaml.h>
