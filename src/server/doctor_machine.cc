#include <algorithm>

#include "server/doctor_checks.h"

namespace conclave::server {
namespace {

using Grade = Finding::Grade;

constexpr uint64_t kMebibyte = 1 << 20;
constexpr uint64_t kFreeLeast = 200 * kMebibyte;
constexpr uint64_t kFreeEnough = 1024 * kMebibyte;
// Every arrival in a meeting waits for one.
constexpr Duration kWriteSlow = Duration::millis(250);
// The kernel reports twice what it grants; below one megabyte a burst of video key frames is lost.
constexpr int kBufferEnough = 2 << 20;
// The program is not older than this, so neither is today.
constexpr WallTime kBuilt = WallTime::from_unix_seconds(1'764'000'000);
constexpr int64_t kYearsMax = 20;

}  // namespace

Findings check(const ClockFacts& clock) {
    const Words set = say("Réglez l’horloge, et installez chrony ou activez systemd-timesyncd.",
                          "Set the clock, and install chrony or enable systemd-timesyncd.");
    const Duration age = clock.now - kBuilt;
    const bool is_absurd = age < Duration{} || age > Duration::minutes(60 * 24 * 365) * kYearsMax;
    if (is_absurd)
        return {{Grade::Bad, "time.wrong",
                 say("L’horloge de cette machine est fausse : certificats et jetons sont refusés.",
                     "This machine's clock is wrong: certificates and tokens are refused."),
                 set}};
    if (clock.is_synchronised == false)
        return {
            {Grade::Note, "time.not_synchronised",
             say("L’horloge n’est pas synchronisée ; ce qui en dépend (jetons, réunions prévues) dérive avec "
                 "elle.",
                 "The clock is not synchronised; what depends on it (tokens, planned meetings) drifts with "
                 "it."),
             say("Installez chrony ou activez systemd-timesyncd ; dans un conteneur, sur la machine hôte.",
                 "Install chrony or enable systemd-timesyncd; for a container, on its host.")}};
    if (!clock.is_synchronised)
        return {{Grade::Note, "time.unknown",
                 say("Le noyau ne dit pas si l’horloge est synchronisée.",
                     "The kernel does not say whether the clock is synchronised.")}};
    return {
        {Grade::Good, "time.synchronised", say("L’horloge est synchronisée.", "The clock is synchronised.")}};
}

Findings check(const DiskFacts& disk) {
    if (!disk.is_there)
        return {{Grade::Note, "disk.none",
                 say("Le dossier de données {1} n’existe pas encore ; le premier démarrage le crée.",
                     "The data directory {1} does not exist yet; the first start makes it.", {disk.folder})}};
    if (!disk.fault.empty())
        return {{Grade::Bad, "disk.not_writable",
                 say("Impossible d’écrire dans {1} : {2}.", "{1} cannot be written: {2}.",
                     {disk.folder, disk.fault}),
                 say("Ce compte doit posséder le dossier, et le disque doit avoir de la place.",
                     "This user has to own the folder, and the disk needs room.")}};
    const std::string free = std::to_string(disk.free_bytes / kMebibyte);
    const Words room =
        say("Faites de la place : sans elle, plus aucune réunion n’est enregistrée ni ne commence.",
            "Make room: without it no meeting is recorded, and none begins.");
    Findings out;
    if (disk.free_bytes < kFreeEnough) {
        out.push_back(
            {disk.free_bytes < kFreeLeast ? Grade::Bad : Grade::Note, "disk.full",
             say("Il ne reste que {1} Mio dans {2}.", "Only {1} MiB are left in {2}.", {free, disk.folder}),
             room});
    } else {
        out.push_back({Grade::Good, "disk.writable",
                       say("{2} s’écrit, et il y reste {1} Mio.",
                           "{2} can be written, and {1} MiB are left there.", {free, disk.folder})});
    }
    if (disk.write_time > kWriteSlow)
        out.push_back({Grade::Note, "disk.slow",
                       say("Une écriture durable y prend {1} ms ; chaque arrivée en réunion en attend une.",
                           "A durable write there takes {1} ms; every arrival in a meeting waits for one.",
                           {std::to_string(disk.write_time.ms())}),
                       say("Mettez data_dir sur un disque local.", "Put data_dir on a local disk.")});
    return out;
}

Findings check(const DatabaseFacts& database) {
    if (!database.is_there)
        return {{Grade::Note, "database.none",
                 say("Il n’y a pas encore de base de données ; le premier démarrage la crée.",
                     "There is no database yet; the first start makes it.")}};
    const Words restore =
        say("Remettez la dernière sauvegarde de {1}.", "Restore the last backup of {1}.", {database.path});
    if (!database.inspection)
        return {{Grade::Bad, "database.damaged",
                 say("La base de données est inutilisable : {1}.", "The database cannot be used: {1}.",
                     {database.inspection.error().what}),
                 restore}};
    const store::Database::Inspection& found = *database.inspection;
    const bool is_empty = !found.is_ours && found.version == 0;
    if (!found.is_ours && !is_empty)
        return {{Grade::Bad, "database.foreign",
                 say("{1} est la base d’un autre programme.", "{1} is another program's database.",
                     {database.path}),
                 say("Corrigez data_dir.", "Correct data_dir.")}};
    if (found.version > found.newest)
        return {{Grade::Bad, "database.newer",
                 say("La base a été écrite par une version plus récente de Conclave.",
                     "The database was written by a newer version of Conclave."),
                 say("Revenez à cette version, ou remettez une sauvegarde d’avant.",
                     "Go back to that version, or restore a backup from before.")}};
    Findings out;
    if (found.version < found.newest) {
        out.push_back(
            {Grade::Note, "database.older",
             say("La base est saine ; le prochain démarrage la mettra à jour (version {1} vers {2}).",
                 "The database is sound; the next start brings it up to date (version {1} to {2}).",
                 {std::to_string(found.version), std::to_string(found.newest)}),
             say("Faites-en une sauvegarde avant.", "Back it up first.")});
    } else {
        out.push_back(
            {Grade::Good, "database.sound",
             say("La base de données est saine et à jour.", "The database is sound and up to date.")});
    }
    if (!found.has_administrator)
        out.push_back(
            {Grade::Note, "database.no_administrator",
             say("Il n’y a pas encore d’administrateur ou d’administratrice ; le prochain démarrage en crée.",
                 "There is no administrator yet; the next start makes one.")});
    if (database.is_exposed)
        out.push_back(
            {Grade::Bad, "database.exposed",
             say("D’autres comptes peuvent lire {1}.", "Other users can read {1}.", {database.path}),
             say("chmod 600 {1}", "chmod 600 {1}", {database.path})});
    return out;
}

Findings check(const MailFacts& mail) {
    if (mail.server.empty() && mail.is_needed)
        return {{Grade::Note, "mail.nobody",
                 say("Les codes par courriel n’arrivent à personne : ils vont dans {1}.",
                     "Codes by e-mail reach nobody: they are put into {1}.", {mail.spool}),
                 say("Remplissez mail.server.", "Set mail.server.")}};
    if (mail.server.empty())
        return {{Grade::Good, "mail.none",
                 say("Aucun serveur de courriel n’est configuré : aucune invitation n’est envoyée.",
                     "No mail server is configured: no invitation is sent.")}};
    if (!mail.fault.empty())
        return {
            {Grade::Bad, "mail.unreachable",
             say("Le courriel ne partira pas par {1} : {2}.", "Mail will not leave by {1}: {2}.",
                 {mail.server, mail.fault}),
             say("Regardez mail.server, mail.user et mail.ca_file, et le pare-feu vers ce port.",
                 "Look at mail.server, mail.user and mail.ca_file, and at the firewall towards that port.")}};
    return {{Grade::Good, "mail.reachable",
             say("Le serveur de courriel {1} répond et nous accepte ; rien n’a été envoyé.",
                 "The mail server {1} answers and takes us; nothing was sent.", {mail.server})}};
}

Findings check(const SecretFacts& secrets) {
    Findings out;
    for (const auto& [setting, fault] : secrets.faults)
        out.push_back({Grade::Bad, "secrets.unusable",
                       say("{1} est inutilisable : {2}.", "{1} cannot be used: {2}.", {setting, fault})});
    for (const std::string& path : secrets.exposed)
        out.push_back({Grade::Bad, "secrets.exposed",
                       say("D’autres comptes peuvent lire {1}.", "Other users can read {1}.", {path}),
                       say("chmod 600 {1}", "chmod 600 {1}", {path})});
    if (secrets.needs_public_url)
        out.push_back({Grade::Note, "sign_in.no_public_url",
                       say("Le fournisseur d’identité renvoie les navigateurs vers {1}.",
                           "The identity provider sends browsers back to {1}.", {secrets.url}),
                       say("Mettez dans http.public_url ce que l’on tape.",
                           "Set http.public_url to what people type.")});
    return out;
}

Findings check(const LimitFacts& limits) {
    Findings out;
    if (limits.open_files < limits.open_files_needed) {
        const std::string needed = std::to_string(limits.open_files_needed);
        out.push_back({Grade::Note, "limits.open_files",
                       say("{1} fichiers ouverts au plus, alors que limits.participants en demande {2}.",
                           "{1} open files at most, while limits.participants takes {2}.",
                           {std::to_string(limits.open_files), needed}),
                       say("systemd : LimitNOFILE={1} ; dans ce terminal : ulimit -n {1}.",
                           "systemd: LimitNOFILE={1}; in this terminal: ulimit -n {1}.", {needed})});
    } else {
        out.push_back({Grade::Good, "limits.open_files",
                       say("{1} fichiers peuvent être ouverts.", "{1} files can be open.",
                           {std::to_string(limits.open_files)})});
    }
    if (std::min(limits.receive_buffer, limits.send_buffer) < kBufferEnough)
        out.push_back({Grade::Note, "limits.buffers",
                       say("Le noyau n’accorde que de petits tampons UDP : des images se perdent aux pics.",
                           "The kernel grants small UDP buffers only: pictures are lost at peaks."),
                       say("sysctl -w net.core.rmem_max=4194304 net.core.wmem_max=4194304",
                           "sysctl -w net.core.rmem_max=4194304 net.core.wmem_max=4194304")});
    if (!limits.gso)
        out.push_back({Grade::Note, "limits.gso",
                       say("Le noyau n’a pas l’envoi groupé (UDP GSO) : le serveur travaillera davantage.",
                           "The kernel has no segmentation offload (UDP GSO): the server has more to do."),
                       say("Il vient avec Linux 4.18.", "It comes with Linux 4.18.")});
    return out;
}

}  // namespace conclave::server
