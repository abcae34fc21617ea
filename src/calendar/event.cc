#include "calendar/event.h"

#include <libical/ical.h>

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace conclave::calendar {
namespace {

constexpr const char* kProduct = "-//Conclave//Conclave//FR";
constexpr int kAlarmMinutes = 5;

struct Free {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
    void operator()(char* text) const { icalmemory_free_buffer(text); }
};
using Component = std::unique_ptr<icalcomponent, Free>;

bool is_text(const std::string& text, bool is_one_line) {
    return is_utf8(text) && std::none_of(text.begin(), text.end(), [&](char c) {
               const auto byte = static_cast<uint8_t>(c);
               return (byte < 0x20 && (is_one_line || c != '\n')) || byte == 0x7f;
           });
}

// A parameter cannot hold a double quote, whatever the quoting (RFC 5545 3.2).
std::string without_quotes(std::string text) {
    std::replace(text.begin(), text.end(), '"', '\'');
    return text;
}

bool is_person(const std::optional<Person>& person) {
    return !person || (is_text(person->name, true) && is_text(person->email, true));
}

bool is_sound(const Event& event) {
    return is_text(event.uid, true) && is_text(event.summary, true) && is_text(event.description, false) &&
           is_text(event.url, true) && is_person(event.organizer) && is_person(event.attendee);
}

icaltimetype utc(WallTime time) {
    return icaltime_from_timet_with_zone(time.unix_seconds(), 0, icaltimezone_get_utc_timezone());
}

icalproperty_method method_of(Method method) {
    switch (method) {
        case Method::Publish:
            return ICAL_METHOD_PUBLISH;
        case Method::Request:
            return ICAL_METHOD_REQUEST;
        case Method::Cancel:
            break;
    }
    return ICAL_METHOD_CANCEL;
}

void name(icalproperty* property, const Person& person) {
    if (person.name.empty()) return;
    icalproperty_add_parameter(property, icalparameter_new_cn(without_quotes(person.name).c_str()));
}

void add_people(icalcomponent* entry, const Event& event) {
    if (event.organizer) {
        icalproperty* organizer = icalproperty_new_organizer(("mailto:" + event.organizer->email).c_str());
        name(organizer, *event.organizer);
        icalcomponent_add_property(entry, organizer);
    }
    if (event.attendee) {
        icalproperty* attendee = icalproperty_new_attendee(("mailto:" + event.attendee->email).c_str());
        name(attendee, *event.attendee);
        icalproperty_add_parameter(attendee, icalparameter_new_role(ICAL_ROLE_REQPARTICIPANT));
        icalproperty_add_parameter(attendee, icalparameter_new_partstat(ICAL_PARTSTAT_NEEDSACTION));
        icalproperty_add_parameter(attendee, icalparameter_new_rsvp(ICAL_RSVP_FALSE));
        icalcomponent_add_property(entry, attendee);
    }
}

void add_alarm(icalcomponent* entry, const std::string& summary) {
    icalcomponent* alarm = icalcomponent_new_valarm();
    icalcomponent_add_property(alarm, icalproperty_new_action(ICAL_ACTION_DISPLAY));
    icalcomponent_add_property(alarm, icalproperty_new_description(summary.c_str()));
    const icaltriggertype before = icaltriggertype_from_int(-kAlarmMinutes * 60);
    icalcomponent_add_property(alarm, icalproperty_new_trigger(before));
    icalcomponent_add_component(entry, alarm);
}

icalcomponent* entry_of(Method method, const Event& event) {
    const bool is_cancelled = method == Method::Cancel;
    icalcomponent* entry = icalcomponent_new_vevent();
    const auto add = [entry](icalproperty* property) { icalcomponent_add_property(entry, property); };
    add(icalproperty_new_uid(event.uid.c_str()));
    add(icalproperty_new_sequence(static_cast<int>(event.sequence)));
    add(icalproperty_new_dtstamp(utc(event.stamp)));
    add(icalproperty_new_dtstart(utc(event.begin)));
    add(icalproperty_new_dtend(utc(event.begin + event.length)));
    add(icalproperty_new_summary(event.summary.c_str()));
    if (!event.description.empty()) add(icalproperty_new_description(event.description.c_str()));
    if (!event.url.empty()) add(icalproperty_new_url(event.url.c_str()));
    add(icalproperty_new_status(is_cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    add_people(entry, event);
    if (!is_cancelled) add_alarm(entry, event.summary);
    return entry;
}

}  // namespace

std::string_view name_of(Method method) {
    switch (method) {
        case Method::Publish:
            return "PUBLISH";
        case Method::Request:
            return "REQUEST";
        case Method::Cancel:
            break;
    }
    return "CANCEL";
}

std::optional<std::string> compose(Method method, const Event& event) {
    if (!is_sound(event)) return std::nullopt;
    const Component calendar(icalcomponent_new_vcalendar());
    icalcomponent_add_property(calendar.get(), icalproperty_new_version("2.0"));
    icalcomponent_add_property(calendar.get(), icalproperty_new_prodid(kProduct));
    icalcomponent_add_property(calendar.get(), icalproperty_new_method(method_of(method)));
    icalcomponent_add_component(calendar.get(), entry_of(method, event));
    const std::unique_ptr<char, Free> text(icalcomponent_as_ical_string_r(calendar.get()));
    return text ? std::optional<std::string>(text.get()) : std::nullopt;
}

}  // namespace conclave::calendar
