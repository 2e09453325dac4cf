// The door to libsystemd. Static-inline wrappers for what Swift cannot call (variadics, macros) go here, prefixed nova_.
#pragma once
#include <systemd/sd-event.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-id128.h>
