/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Certificates made on the spot, right ones and wrong ones. */

#include <gio/gio.h>

typedef struct _TestCertificate TestCertificate;

typedef struct
{
  const TestCertificate *issuer; /* NULL: self-signed */
  const char *name;              /* DNS name */
  const char *address;           /* (nullable) IPv4 literal */
  int valid_from_days;           /* from now */
  int valid_to_days;             /* from now; 0: a year */
  gboolean is_ca;
  gboolean sha1;
} TestCertificateRequest;

TestCertificate *test_certificate_new (const TestCertificateRequest *request);
void test_certificate_free (TestCertificate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestCertificate, test_certificate_free)

/* (transfer full): with its key and its issuers. */
GTlsCertificate *test_certificate_export (const TestCertificate *self);
/* (transfer full): path of a new PEM file with the certificate alone; one with its key. */
char *test_certificate_write (const TestCertificate *self);
char *test_certificate_write_key (const TestCertificate *self);
