// Bytes that many keep and nobody changes: a copy costs a pointer.
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace conclave {

class SharedBytes {
 public:
    SharedBytes() = default;
    SharedBytes(std::string bytes)  // NOLINT: implicit by design
        : bytes_(bytes.empty() ? nullptr : std::make_shared<const std::string>(std::move(bytes))) {}
    SharedBytes(const char* text) : SharedBytes(std::string(text)) {}  // NOLINT: implicit by design

    const std::string& str() const {
        static const std::string none;
        return bytes_ ? *bytes_ : none;
    }
    operator const std::string&() const { return str(); }  // NOLINT: implicit by design
    size_t size() const { return bytes_ ? bytes_->size() : 0; }
    bool empty() const { return size() == 0; }
    // The very same, not only equal.
    bool is(const SharedBytes& other) const { return bytes_ == other.bytes_; }

 private:
    std::shared_ptr<const std::string> bytes_;
};

}  // namespace conclave
