#include "CNovaSys.h"
