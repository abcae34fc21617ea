// What the facts of `conclave doctor` mean, and what is to be done. Pure: each takes a value and returns
// findings.
#pragma once

#include "server/doctor.h"
#include "server/doctor_facts.h"

namespace conclave::server {

// doctor_ways_in.cc
Findings check(const std::vector<PortFacts>&);
Findings check(const CertificateFacts&, WallTime now);
Findings check(const AddressFacts&);
// doctor_machine.cc
Findings check(const ClockFacts&);
Findings check(const DiskFacts&);
Findings check(const DatabaseFacts&);
Findings check(const MailFacts&);
Findings check(const SecretFacts&);
Findings check(const LimitFacts&);

}  // namespace conclave::server
