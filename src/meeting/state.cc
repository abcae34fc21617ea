#include "meeting/state.h"

#include <algorithm>

namespace conclave::meeting {

Sending Person::sending(Source source) const {
    switch (source) {
        case Source::Camera:
            return camera;
        case Source::Screen:
            return screen;
        case Source::Microphone:
            break;
    }
    return microphone;
}

void Person::set_sending(Source source, Sending sending) {
    switch (source) {
        case Source::Camera:
            camera = sending;
            break;
        case Source::Screen:
            screen = sending;
            break;
        case Source::Microphone:
            microphone = sending;
            break;
    }
}

const FloorRequest* Floor::find(const PersonId& person) const {
    const auto found = std::find_if(queue.begin(), queue.end(),
                                    [&](const FloorRequest& request) { return request.person == person; });
    return found == queue.end() ? nullptr : &*found;
}

const Person* State::find(const PersonId& wanted) const {
    const auto found = people.find(wanted);
    return found == people.end() ? nullptr : &found->second;
}

const Person* State::find_account(const std::string& account) const {
    for (const auto& [key, person] : people) {
        if (!account.empty() && person.account == account) return &person;
    }
    return nullptr;
}

const Person* State::chair() const {
    for (const auto& [key, person] : people) {
        if (person.role == Role::Chair) return &person;
    }
    return nullptr;
}

}  // namespace conclave::meeting
