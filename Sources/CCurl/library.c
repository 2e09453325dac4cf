// Loads libcurl and finds what is used of it. Must never be unloaded: transfers hold its code.
#include "CCurl.h"
#include <dlfcn.h>
#include <pthread.h>

static struct nova_libcurl library;
static int whole;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// One pointer of the table; what is absent leaves the table unusable.
static void find(void *from, const char *name, void *place) {
  void *found = dlsym(from, name);
  if (!found) whole = 0;
  *(void **)place = found;
}

static void load(void) {
  // The name that its ABI has had since 2006; the development package is not needed to run.
  void *from = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!from) return;
  whole = 1;
  find(from, "curl_easy_init", &library.easy_init);
  find(from, "curl_easy_cleanup", &library.easy_cleanup);
  find(from, "curl_easy_setopt", &library.easy_setopt);
  find(from, "curl_easy_getinfo", &library.easy_getinfo);
  find(from, "curl_easy_strerror", &library.easy_strerror);
  find(from, "curl_easy_pause", &library.easy_pause);
  find(from, "curl_multi_init", &library.multi_init);
  find(from, "curl_multi_cleanup", &library.multi_cleanup);
  find(from, "curl_multi_setopt", &library.multi_setopt);
  find(from, "curl_multi_add_handle", &library.multi_add_handle);
  find(from, "curl_multi_remove_handle", &library.multi_remove_handle);
  find(from, "curl_multi_socket_action", &library.multi_socket_action);
  find(from, "curl_multi_info_read", &library.multi_info_read);
  find(from, "curl_slist_append", &library.slist_append);
  find(from, "curl_slist_free_all", &library.slist_free_all);
}

const struct nova_libcurl *nova_libcurl(void) {
  pthread_once(&once, load);
  return whole ? &library : NULL;
}

const char *nova_curl_reason(int32_t code) {
  const struct nova_libcurl *curl = nova_libcurl();
  return curl ? curl->easy_strerror((CURLcode)code) : "libcurl is not installed";
}

void nova_curl_multi_end(CURLM *multi) { nova_libcurl()->multi_cleanup(multi); }
void nova_curl_easy_end(CURL *easy) { nova_libcurl()->easy_cleanup(easy); }
void nova_curl_go_on(CURL *easy) { (void)nova_libcurl()->easy_pause(easy, CURLPAUSE_CONT); }

struct curl_slist *nova_curl_list_add(struct curl_slist *list, const char *line) {
  const struct nova_libcurl *curl = nova_libcurl();
  return curl ? curl->slist_append(list, line) : NULL;
}

void nova_curl_list_end(struct curl_slist *list) {
  if (list) nova_libcurl()->slist_free_all(list);
}
