#include <algorithm>

#include "server/doctor_checks.h"
#include "server/interfaces.h"

namespace conclave::server {
namespace {

using Grade = Finding::Grade;
using net::PortState;

constexpr int64_t kDay = Duration::minutes(60 * 24).us;
// Whoever renews by hand needs that; machines renew a month ahead.
constexpr int64_t kSoonDays = 14;

std::string list_of(const std::vector<SocketAddress>& addresses) {
    std::string list;
    for (const SocketAddress& address : addresses) list += (list.empty() ? "" : ", ") + address.ip_text();
    return list;
}

bool contains(const std::vector<SocketAddress>& addresses, const SocketAddress& one) {
    return std::find(addresses.begin(), addresses.end(), one) != addresses.end();
}

// Of one listener over TCP.
Finding check_listener(const PortFacts& port) {
    const std::string where = port.address.text();
    if (port.is_ours)
        return {Grade::Good, "ports.https_ours",
                say("Le serveur tourne et répond sur TCP {1}.", "The server runs and answers on TCP {1}.",
                    {where})};
    switch (port.state) {
        case PortState::Free:
            return {Grade::Good, "ports.tcp_free",
                    say("Le port TCP {1} est libre.", "TCP {1} is free.", {where})};
        case PortState::Taken:
            return {
                Grade::Bad, "ports.tcp_taken",
                say("Le port TCP {1} est pris par un autre programme, ou par un serveur qui ne répond pas.",
                    "TCP {1} is taken by another program, or by a server that does not answer.", {where}),
                say("« ss -ltnp » dit qui l’occupe : arrêtez-le, ou changez http.listen.",
                    "\"ss -ltnp\" says by whom: stop that, or change http.listen.")};
        case PortState::Denied:
            return {Grade::Bad, "ports.tcp_denied",
                    say("Ce compte n’a pas le droit d’ouvrir TCP {1}.", "This user may not open TCP {1}.",
                        {where}),
                    say("Les ports sous 1024 demandent CAP_NET_BIND_SERVICE (systemd : AmbientCapabilities).",
                        "Ports under 1024 need CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities).")};
        case PortState::NoAddress:
            return {Grade::Bad, "ports.tcp_no_address",
                    say("Cette machine n’a pas l’adresse de {1}.",
                        "This machine does not have the address of {1}.", {where}),
                    say("Corrigez http.listen ou http.plain_listen ; « [::]:8443 » les prend toutes.",
                        "Correct http.listen or http.plain_listen; \"[::]:8443\" takes all of them.")};
        case PortState::Failed:
            break;
    }
    return {Grade::Bad, "ports.tcp_failed",
            say("Impossible d’ouvrir TCP {1}.", "TCP {1} cannot be opened.", {where}),
            say("Regardez les règles de sécurité du système (SELinux, AppArmor, conteneur).",
                "Look at the system's security rules (SELinux, AppArmor, container).")};
}

Finding check_media(const std::vector<PortFacts>& media, bool is_running) {
    std::string blocked;
    bool all_taken = true;
    for (const PortFacts& port : media) {
        all_taken = all_taken && port.state == PortState::Taken;
        if (port.state == PortState::Free) continue;
        blocked += (blocked.empty() ? "" : ", ") + std::to_string(port.address.port);
    }
    const std::string range =
        std::to_string(media.front().address.port) +
        (media.size() > 1 ? "-" + std::to_string(media.back().address.port) : std::string());
    const Words firewall = say("Le pare-feu doit laisser entrer UDP {1} ; d’ici, cela ne se voit pas.",
                               "The firewall has to let UDP {1} in; from here that cannot be seen.", {range});
    if (blocked.empty())
        return {Grade::Good, "ports.media_free", say("UDP {1} est libre.", "UDP {1} is free.", {range}),
                firewall};
    if (is_running && all_taken)
        return {Grade::Good, "ports.media_ours",
                say("UDP {1} est pris, par le serveur qui tourne.",
                    "UDP {1} is taken, by the server that runs.", {range}),
                firewall};
    return {Grade::Bad, "ports.media_taken",
            say("Le son et l’image ne passeront pas : UDP {1} ne peut pas être ouvert.",
                "Sound and pictures will not pass: UDP {1} cannot be opened.", {blocked}),
            say("« ss -lunp » dit qui l’occupe : arrêtez-le, ou changez media.port.",
                "\"ss -lunp\" says by whom: stop that, or change media.port.")};
}

Finding check_expiry(const CertificateFacts& certificate, WallTime now) {
    const Duration left = certificate.not_after - now;
    const std::string days = std::to_string(left.us / kDay);
    const Words renew =
        say("Renouvelez-le, puis redémarrez le serveur.", "Renew it, then start the server anew.");
    if (now < certificate.not_before)
        return {Grade::Bad, "certificate.not_yet",
                say("Le certificat n’est pas encore valable.", "The certificate is not valid yet."),
                say("L’horloge de cette machine est-elle à l’heure ?", "Is this machine's clock right?")};
    if (left <= Duration{})
        return {Grade::Bad, "certificate.expired",
                say("Le certificat a expiré.", "The certificate has expired."), renew};
    if (left.us < kSoonDays * kDay && !certificate.is_made_by_us)
        return {Grade::Note, "certificate.expires_soon",
                say("Le certificat expire dans {1} jours.", "The certificate expires in {1} days.", {days}),
                renew};
    return {Grade::Good, "certificate.valid",
            say("Le certificat est valable encore {1} jours.", "The certificate is valid for {1} more days.",
                {days})};
}

// Announced addresses that this machine does not have itself.
Findings check_nat(const AddressFacts& facts) {
    Findings out;
    for (const Config::PublicAddress& one : facts.configured) {
        const std::string outside = one.address.ip_text();
        const SocketAddress& inside = one.behind.value_or(one.address);
        const bool is_here = contains(facts.interfaces, inside);
        if (is_here) continue;
        if (one.behind) {
            out.push_back(
                {Grade::Bad, "addresses.behind_is_elsewhere",
                 say("{1} mène à {2}, que cette machine n’a pas.",
                     "{1} leads to {2}, which this machine does not have.", {outside, inside.ip_text()}),
                 say("Corrigez media.public_addresses.", "Correct media.public_addresses.")});
        } else {
            out.push_back({Grade::Note, "addresses.needs_nat",
                           say("{1} n’est sur aucune interface de cette machine.",
                               "{1} is on no interface of this machine.", {outside}),
                           say("C’est bien ainsi si un NAT y renvoie les ports UDP de media.port vers cette "
                               "machine, tels quels.",
                               "That is right if a NAT there forwards the UDP ports of media.port to this "
                               "machine, unchanged.")});
        }
    }
    return out;
}

// Answers leave from an address that is not announced although those that are stand on this machine: a client
// takes an answer from where it asked alone (RFC 8445 7.2.5.2.1).
bool is_unannounced_source(const AddressFacts& facts, const SocketAddress& source) {
    bool is_family_announced = false;
    for (const SocketAddress& address : facts.announced) {
        if (address.is_v4() != source.is_v4()) continue;
        if (address == source || !contains(facts.interfaces, address)) return false;
        is_family_announced = true;
    }
    return is_family_announced;
}

}  // namespace

Findings check(const std::vector<PortFacts>& ports) {
    using Use = PortFacts::Use;
    Findings out;
    std::vector<PortFacts> media;
    bool is_running = false;
    for (const PortFacts& port : ports) {
        is_running = is_running || port.is_ours;
        if (port.use == Use::Media) media.push_back(port);
    }
    for (PortFacts port : ports) {
        if (port.use == Use::Media) continue;
        // Plain HTTP is for a proxy; who holds it while the server runs is the server.
        const bool is_proxys = port.use == Use::Http && is_running && port.state == PortState::Taken;
        port.is_ours = port.is_ours || is_proxys;
        out.push_back(check_listener(port));
    }
    if (!media.empty()) out.push_back(check_media(media, is_running));
    return out;
}

Findings check(const CertificateFacts& certificate, WallTime now) {
    if (!certificate.is_there)
        return {{Grade::Note, "certificate.none",
                 say("Il n’y a pas encore de certificat ; le premier démarrage en fait un, auto-signé.",
                     "There is no certificate yet; the first start makes one, self-signed.")}};
    if (!certificate.fault.empty())
        return {{Grade::Bad, "certificate.unusable",
                 say("Le certificat est inutilisable : {1}.", "The certificate cannot be used: {1}.",
                     {certificate.fault}),
                 say("http.certificate et http.key sont deux fichiers PEM qui vont ensemble, lisibles par ce "
                     "compte.",
                     "http.certificate and http.key are two PEM files that belong together, readable by this "
                     "user.")}};
    Findings out{check_expiry(certificate, now)};
    if (!certificate.covers_host)
        out.push_back({Grade::Bad, "certificate.other_names",
                       say("Le certificat n’est pas au nom de {1} : les navigateurs le refusent.",
                           "The certificate is not for {1}: browsers refuse it.", {certificate.host}),
                       say("Il en faut un qui porte ce nom, ou http.public_url doit dire le bon nom.",
                           "It takes one of that name, or http.public_url has to say the right one.")});
    if (certificate.is_self_signed) {
        out.push_back({Grade::Note, "certificate.self_signed",
                       say("Le certificat est auto-signé : les navigateurs avertissent, les téléphones "
                           "peuvent refuser.",
                           "The certificate is self-signed: browsers warn, and phones may refuse."),
                       say("Mettez celui de votre autorité dans http.certificate et http.key.",
                           "Put one of your authority into http.certificate and http.key.")});
    } else if (certificate.certificates == 1) {
        out.push_back({Grade::Note, "certificate.alone",
                       say("Le fichier ne contient que le certificat du serveur, sans ceux de l’autorité.",
                           "The file holds the server's certificate alone, without those of its authority."),
                       say("S’il y a une autorité intermédiaire, ajoutez son certificat à la suite.",
                           "If there is an intermediate authority, append its certificate.")});
    }
    if (!certificate.exposed_key.empty())
        out.push_back({Grade::Bad, "certificate.key_exposed",
                       say("D’autres comptes peuvent lire la clé privée {1}.",
                           "Other users can read the private key {1}.", {certificate.exposed_key}),
                       say("chmod 600 {1}", "chmod 600 {1}", {certificate.exposed_key})});
    return out;
}

Findings check(const AddressFacts& facts) {
    if (facts.announced.empty())
        return {{Grade::Bad, "addresses.none",
                 say("Cette machine n’a aucune adresse à annoncer pour le son et l’image.",
                     "This machine has no address to announce for sound and pictures."),
                 say("Activez une interface, ou remplissez media.public_addresses.",
                     "Bring an interface up, or set media.public_addresses.")}};
    const auto all = [&](auto is) { return std::all_of(facts.announced.begin(), facts.announced.end(), is); };
    Findings out{{Grade::Good, "addresses.announced",
                  say("Les navigateurs enverront le son et l’image à : {1}.",
                      "Browsers will send sound and pictures to: {1}.", {list_of(facts.announced)})}};
    if (all([](const SocketAddress& a) { return a.is_loopback(); })) {
        out.push_back({Grade::Note, "addresses.loopback_only",
                       say("Seule cette machine pourra participer.", "Only this machine can take part."),
                       say("Remplissez media.public_addresses.", "Set media.public_addresses.")});
    } else if (!facts.host.empty() && all(is_private)) {
        out.push_back(
            {Grade::Note, "addresses.private_only",
             say("Ces adresses sont privées : hors de votre réseau, personne ne les atteint, alors que "
                 "http.public_url est {1}.",
                 "These addresses are private: nobody outside your network reaches them, while "
                 "http.public_url is {1}.",
                 {facts.host}),
             say("Si l’on doit venir d’Internet, mettez l’adresse publique dans media.public_addresses.",
                 "If people come from the Internet, put the public address into media.public_addresses.")});
    }
    for (Finding& finding : check_nat(facts)) out.push_back(std::move(finding));
    for (const SocketAddress& source : facts.sources) {
        if (!is_unannounced_source(facts, source)) continue;
        out.push_back(
            {Grade::Note, "addresses.other_source",
             say("Cette machine répond depuis {1}, qui n’est pas annoncée : des navigateurs n’accepteront "
                 "pas ses réponses.",
                 "This machine answers from {1}, which is not announced: browsers may not accept its "
                 "answers.",
                 {source.ip_text()}),
             say("Annoncez {1} dans media.public_addresses, ou changez l’adresse source de la route.",
                 "Announce {1} in media.public_addresses, or change the source address of the route.",
                 {source.ip_text()})});
    }
    return out;
}

}  // namespace conclave::server
