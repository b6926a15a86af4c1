"""In the place of cert-manager's controller and of its cainjector.

Names, reasons and messages are those of cert-manager v1.19 (its source: pkg/issuer,
pkg/controller/certificates, internal/controller/certificates, pkg/controller/cainjector).
"""
