// L’espace avant une ponctuation haute est insécable.
export const frNetwork = {
  network: {
    title: "Tester ma connexion",
    lead: "En une demi-minute, cette page vérifie que votre réseau laisse passer le son et l’image d’une réunion. Une mire est envoyée à la place de votre image et de votre voix ; rien n’est enregistré.",
    devices_note:
      "À la fin, votre navigateur vous demandera l’accès au micro et à la caméra, pour voir s’ils répondent.",
    start: "Lancer le test",
    again: "Refaire le test",
    running: "Test en cours : {{step}}",
    done: "Test terminé.",
    progress: "Avancement du test",
    steps: "Ce qui est vérifié",
    result: "Résultat",
    details: "Détail",
    step: {
      server: "Serveur",
      socket: "Liaison permanente",
      udp: "Son et image par UDP",
      tcp: "Son et image par TCP",
      tls: "Son et image par le port des pages (TLS)",
      quality: "Qualité de la ligne",
      devices: "Micro et caméra",
    },
    state: {
      waiting: "à venir",
      running: "en cours",
      good: "bon",
      fair: "à voir",
      bad: "échec",
      none: "sans objet",
    },
    found: {
      server: "Le serveur répond en {{ms}} ms.",
      server_busy: "Trop de tests ont lieu en même temps, ou le serveur est très sollicité.",
      server_off: "Les tests de connexion y sont désactivés.",
      socket_works: "Les WebSockets passent.",
      socket_blocked: "Les pages passent, mais pas les WebSockets.",
      way_works: "Établi en {{ms}} ms, vers {{address}}.",
      way_works_blind: "Établi en {{ms}} ms.",
      way_blocked: "Bloqué : aucune réponse.",
      way_not_offered: "Ce serveur ne propose pas cette voie.",
      leg: "{{rate}} kbit/s, {{loss}} de pertes, gigue {{jitter}}",
      up: "Envoi : {{leg}}.",
      down: "Réception : {{leg}}.",
      round_trip: "Aller-retour : {{ms}} ms.",
      quality_failed: "La connexion s’établit, mais la mire n’est pas revenue.",
      devices: "Micros trouvés : {{microphones}}. Caméras trouvées : {{cameras}}.",
      not_tried: "Non vérifié.",
      unknown: "inconnu",
    },
    verdict: {
      good: "Tout va bien : vous pouvez participer à une réunion.",
      no_microphone: "Le réseau va bien, mais votre micro ou votre caméra n’a pas répondu.",
      weak: "La connexion passe, mais la ligne est faible : le son ou l’image risquent de souffrir.",
      only_tcp:
        "Votre réseau bloque UDP : la réunion passera par TCP, avec plus de délai quand la ligne est chargée.",
      only_tls:
        "Votre réseau ne laisse passer que le port des pages : la réunion passera par là, avec plus de délai quand la ligne est chargée.",
      no_flow: "La connexion s’établit, mais ni le son ni l’image ne passent.",
      no_media: "Votre réseau bloque le son et l’image : la réunion s’ouvrira sans eux.",
      no_socket:
        "Votre réseau laisse passer les pages, mais coupe la liaison permanente : on ne peut pas entrer en réunion.",
      no_server: "Le serveur ne répond pas : on ne peut pas entrer en réunion d’ici.",
      no_test: "Le serveur ne peut pas faire ce test maintenant.",
      off: "Ce serveur ne propose pas de test de connexion.",
    },
    advice: {
      good: "Si une réunion se passe mal malgré tout, envoyez le rapport ci-dessous à votre assistance.",
      no_microphone:
        "Branchez-le, ou autorisez cette page à s’en servir dans les réglages du navigateur, puis refaites le test.",
      weak: "Rapprochez-vous de la borne Wi-Fi, préférez un câble, ou passez en « audio seul » pendant la réunion.",
      only_tcp:
        "Demandez à votre service informatique d’ouvrir UDP vers l’adresse du serveur ; le rapport dit lequel.",
      only_tls:
        "Demandez à votre service informatique d’ouvrir UDP vers l’adresse du serveur ; le rapport dit lequel.",
      no_flow: "Envoyez le rapport ci-dessous à votre assistance.",
      no_media:
        "Essayez sans VPN ou par un autre réseau, et envoyez le rapport ci-dessous à votre service informatique.",
      no_socket:
        "Un serveur mandataire ou un antivirus s’en mêle souvent : envoyez le rapport ci-dessous à votre service informatique.",
      no_server: "Vérifiez que vous êtes en ligne, puis refaites le test.",
      no_test: "Réessayez dans une minute.",
      off: "Adressez-vous à votre assistance.",
    },
    report: "Rapport pour l’assistance",
    report_lead:
      "Il ne contient ni nom, ni mot de passe, ni jeton, ni l’adresse de votre machine : relisez-le avant de l’envoyer.",
    report_copy: "Copier le rapport",
    report_download: "Télécharger le rapport",
    report_file: "conclave-test-reseau.txt",
    report_head: "Conclave, test de connexion",
    report_server: "Serveur : {{host}}",
    report_time: "Date : {{time}}",
    report_browser: "Navigateur : {{browser}}",
    report_verdict: "Résultat : {{verdict}}",
    link: "Tester ma connexion (nouvel onglet)",
  },
};
