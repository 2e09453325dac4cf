// What is used of libcurl, by pointers of the types that its own header declares.
#pragma once
#include <curl/curl.h>
#include <stdint.h>

// Each as in its manual page, curl_easy_init(3) and so on.
struct nova_libcurl {
  __typeof__(curl_easy_init) *easy_init;
  __typeof__(curl_easy_cleanup) *easy_cleanup;
  CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
  CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
  __typeof__(curl_easy_strerror) *easy_strerror;
  __typeof__(curl_easy_pause) *easy_pause;
  __typeof__(curl_multi_init) *multi_init;
  __typeof__(curl_multi_cleanup) *multi_cleanup;
  CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
  __typeof__(curl_multi_add_handle) *multi_add_handle;
  __typeof__(curl_multi_remove_handle) *multi_remove_handle;
  __typeof__(curl_multi_socket_action) *multi_socket_action;
  __typeof__(curl_multi_info_read) *multi_info_read;
  __typeof__(curl_slist_append) *slist_append;
  __typeof__(curl_slist_free_all) *slist_free_all;
};

// Loads the library at the first call. NULL when it is not installed or lacks one of them; then no handle can be made,
// so whoever holds one need not ask again.
const struct nova_libcurl *nova_libcurl(void);

// A CURLcode in words; "error N" when the library is absent.
const char *nova_curl_reason(int32_t code);
// curl_multi_cleanup(3), curl_easy_cleanup(3).
void nova_curl_multi_end(CURLM *multi);
void nova_curl_easy_end(CURL *easy);
// curl_easy_pause(3): what was held back comes now.
void nova_curl_go_on(CURL *easy);
// curl_slist_append(3), curl_slist_free_all(3); NULL in, NULL out.
struct curl_slist *nova_curl_list_add(struct curl_slist *list, const char *line);
void nova_curl_list_end(struct curl_slist *list);
