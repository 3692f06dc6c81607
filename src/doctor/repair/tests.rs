//! Pure parts; the repairs themselves are tried on real files by the integration tests.
