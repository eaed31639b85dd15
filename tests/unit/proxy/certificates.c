/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Certificates by GnuTLS itself: GIO's TLS needs it anyway, so no tool is asked for. */

#include "config.h"

#include "certificates.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#define DAY_S (24 * 3600)

struct _TestCertificate
{
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
  const TestCertificate *issuer; /* (unowned) (nullable) */
};

TestCertificate *
test_certificate_new (const TestCertificateRequest *request)
{
  static unsigned char serial = 1;
  TestCertificate *self = g_new0 (TestCertificate, 1);
  const TestCertificate *signer = request->issuer != NULL ? request->issuer : self;
  int valid_to_days = request->valid_to_days != 0 ? request->valid_to_days : 365;
  time_t now = time (NULL);
  struct in_addr address;

  self->issuer = request->issuer;
  gnutls_x509_privkey_init (&self->key);
  g_assert_cmpint (
      gnutls_x509_privkey_generate (self->key, GNUTLS_PK_ECDSA,
                                    GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
      ==, 0);
  gnutls_x509_crt_init (&self->certificate);
  gnutls_x509_crt_set_version (self->certificate, 3);
  gnutls_x509_crt_set_serial (self->certificate, &serial, 1);
  serial++;
  gnutls_x509_crt_set_key (self->certificate, self->key);
  gnutls_x509_crt_set_dn_by_oid (self->certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
                                 request->name, (unsigned)strlen (request->name));
  gnutls_x509_crt_set_activation_time (self->certificate,
                                       now + (time_t)request->valid_from_days * DAY_S - 60);
  gnutls_x509_crt_set_expiration_time (self->certificate,
                                       now + (time_t)valid_to_days * DAY_S);
  gnutls_x509_crt_set_basic_constraints (self->certificate, request->is_ca, -1);
  gnutls_x509_crt_set_key_usage (self->certificate, request->is_ca
                                                        ? GNUTLS_KEY_KEY_CERT_SIGN
                                                        : GNUTLS_KEY_DIGITAL_SIGNATURE);
  if (!request->is_ca)
    gnutls_x509_crt_set_subject_alt_name (self->certificate, GNUTLS_SAN_DNSNAME,
                                          request->name, (unsigned)strlen (request->name),
                                          GNUTLS_FSAN_SET);
  if (request->address != NULL)
    {
      g_assert_cmpint (inet_pton (AF_INET, request->address, &address), ==, 1);
      gnutls_x509_crt_set_subject_alt_name (self->certificate, GNUTLS_SAN_IPADDRESS,
                                            &address, sizeof address, GNUTLS_FSAN_APPEND);
    }
  g_assert_cmpint (
      gnutls_x509_crt_sign2 (self->certificate, signer->certificate, signer->key,
                             request->sha1 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256, 0),
      ==, 0);
  return self;
}

void
test_certificate_free (TestCertificate *self)
{
  gnutls_x509_crt_deinit (self->certificate);
  gnutls_x509_privkey_deinit (self->key);
  g_free (self);
}

static void
append_pem (const TestCertificate *self, GString *out)
{
  gnutls_datum_t pem;

  g_assert_cmpint (gnutls_x509_crt_export2 (self->certificate, GNUTLS_X509_FMT_PEM, &pem),
                   ==, 0);
  g_string_append_len (out, (const char *)pem.data, pem.size);
  gnutls_free (pem.data);
}

static void
append_key (const TestCertificate *self, GString *out)
{
  gnutls_datum_t pem;

  g_assert_cmpint (gnutls_x509_privkey_export2_pkcs8 (self->key, GNUTLS_X509_FMT_PEM, NULL,
                                                      GNUTLS_PKCS_PLAIN, &pem),
                   ==, 0);
  g_string_append_len (out, (const char *)pem.data, pem.size);
  gnutls_free (pem.data);
}

GTlsCertificate *
test_certificate_export (const TestCertificate *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;

  append_key (self, text);
  for (const TestCertificate *one = self; one != NULL; one = one->issuer)
    append_pem (one, text);
  certificate = g_tls_certificate_new_from_pem (text->str, (gssize)text->len, &error);
  g_assert_no_error (error);
  return certificate;
}

static char *
write_file (const GString *text)
{
  g_autoptr (GError) error = NULL;
  char *path;
  int fd = g_file_open_tmp ("weir-ca-XXXXXX.pem", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (path, text->str, (gssize)text->len, &error);
  g_assert_no_error (error);
  return path;
}

char *
test_certificate_write (const TestCertificate *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_pem (self, text);
  return write_file (text);
}

char *
test_certificate_write_key (const TestCertificate *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_key (self, text);
  return write_file (text);
}
