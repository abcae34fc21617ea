// `conclave doctor`: looks at everything that a server needs and says in plain words what is wrong.
#pragma once

#include <string>
#include <vector>

#include "server/config.h"

namespace conclave::server {

struct Finding {
    enum class Grade : uint8_t { Good, Note, Bad };
    Grade grade = Grade::Good;
    std::string text;
};

// Changes nothing: no directory, no database and no certificate is made.
std::vector<Finding> examine(const Config&);

}  // namespace conclave::server
