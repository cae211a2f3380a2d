"""Profiles that an iPhone, iPad or Mac enters by itself, signed with the platform's certificate.

The administration on the web can't read the certificate's key. It says whose profile it wants, by a socket; a process
that lives for that question, with the key and no other rights, builds it and signs what it has built itself.
Standard library and cryptography alone.
"""
