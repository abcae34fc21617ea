#include "server/sign_in_mail.h"

#include <optional>

#include "account/sign_in_code.h"

namespace conclave::server {
namespace {

std::optional<Language> parse_language(std::string_view tag) {
    if (tag.starts_with("fr")) return Language::French;
    if (tag.starts_with("en")) return Language::English;
    return std::nullopt;
}

}  // namespace

Language language_of(std::string_view page, const net::HttpRequest& request) {
    if (const auto language = parse_language(page)) return *language;
    const std::string accepted = request.headers.joined("Accept-Language");
    for (std::string_view rest = accepted; !rest.empty();) {
        const size_t end = std::min(rest.find(','), rest.size());
        std::string_view tag = rest.substr(0, end);
        while (tag.starts_with(' ')) tag.remove_prefix(1);
        if (const auto language = parse_language(tag)) return *language;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return Language::French;
}

std::string_view text_of(Language language) {
    return language == Language::French ? "fr" : "en";
}

// The subject carries the code, so that it can be read in the notice of a telephone.
MailText code_mail(Language language, std::string_view code, std::string_view host) {
    const std::string shown = account::grouped(code);
    const std::string where(host);
    if (language == Language::English) {
        return {"Your Conclave sign-in code: " + shown,
                "Hello,\n\n"
                "Your code to sign in to Conclave:\n\n    " +
                    shown +
                    "\n\n"
                    "Type it on the page where you asked for it, and nowhere else:\n\n    " +
                    where +
                    "\n\nIt works once, within ten minutes, and in that browser only.\n"
                    "Nobody will ever ask you for this code, by telephone or by message.\n"
                    "If you did not ask for it, ignore this message: nobody can sign in without it.\n"};
    }
    return {
        "Votre code de connexion à Conclave : " + shown,
        "Bonjour,\n\n"
        "Votre code pour vous connecter à Conclave :\n\n    " +
            shown +
            "\n\n"
            "Saisissez-le sur la page où vous l’avez demandé, et nulle part ailleurs :\n\n    " +
            where +
            "\n\nIl sert une seule fois, dans les dix minutes, et dans ce navigateur uniquement.\n"
            "Personne ne vous demandera jamais ce code, ni par téléphone ni par message.\n"
            "Si vous ne l’avez pas demandé, ignorez ce message : sans lui, personne ne peut se connecter.\n"};
}

}  // namespace conclave::server
