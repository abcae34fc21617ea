/** What a person arranges for themselves during a meeting. */
export const frComfort = {
  comfort: {
    layout: "Disposition",
    layout_auto: "Automatique",
    layout_grid: "Mosaïque",
    layout_speaker: "Orateur en grand",
    pin: "Garder en grand\u00a0: {{name}}",
    bandwidth: "Connexion",
    audio_only_switch: "Audio seul",
    audio_only: "Audio seul\u00a0: aucune image n’est reçue ni envoyée.",
    pictures: "Rétablir les images",
    without_pictures: "Passer en audio seul",
    poor_still:
      "Votre connexion reste faible, même sans image. Rapprochez-vous de la borne Wi-Fi ou branchez un câble réseau.",
    silent:
      "Votre micro est ouvert mais n’envoie aucun son. Il est peut-être coupé sur l’appareil ou dans le système.",
    other_microphone: "Choisir un autre micro",
    plugged_in: "Nouvel appareil branché\u00a0: {{name}}",
    use_it: "Utiliser",
    not_now: "Pas maintenant",
    talking: "Micro ouvert tant que vous maintenez la barre d’espace",
    push_to_talk: "Maintenir la barre d’espace pour parler quand le micro est coupé",
    background: "Arrière-plan",
    background_none: "Visible",
    background_blur: "Flouté",
    background_plain: "Uni",
    background_hint: "Masqué sur cet appareil\u00a0: l’image d’origine n’est alors jamais envoyée.",
    background_impossible:
      "Ce navigateur ne permet pas de masquer l’arrière-plan (WebGL est absent).",
    background_starting: "Préparation de l’arrière-plan… Votre image est masquée en attendant.",
    background_slow:
      "Cet appareil est trop lent pour masquer l’arrière-plan\u00a0: votre image est saccadée pour les autres.",
    background_failed:
      "L’arrière-plan ne peut pas être masqué ici. Votre image reste masquée tant que vous n’avez pas choisi de la montrer telle quelle.",
    background_retry: "Réessayer",
    background_show: "Montrer l’arrière-plan",
    noise: "Réduction de bruit",
    noise_browser: "Navigateur",
    noise_strong: "Renforcée",
    noise_none: "Aucune",
    noise_hint: "Renforcée\u00a0: ne laisse passer que la voix. Aucune\u00a0: pour la musique.",
    noise_impossible: "Ce navigateur ne permet pas la réduction de bruit renforcée.",
    letter_keys: "Raccourcis clavier d’une seule lettre",
    sounds: "Signaux sonores discrets (tour de parole, main levée)",
    space_bar: "Espace",
    hold_to_talk: "Parler tant que la touche est maintenue, micro coupé",
    small_window_off: "Petite fenêtre au premier plan",
    small_window_on: "Fermer la petite fenêtre",
    speaks: "{{name}} parle",
  },
};

export const frComfortNotice = {
  pinned: "{{name}} reste en grand pour vous",
  unpinned: "{{name}} ne reste plus en grand",
  layout_auto: "Disposition automatique\u00a0: l’écran partagé en grand, sinon la mosaïque",
  layout_grid: "Mosaïque\u00a0: tout le monde à la même taille",
  layout_speaker: "L’orateur en grand, les autres à côté",
  noise_failed:
    "La réduction de bruit renforcée n’a pas pu démarrer. Celle du navigateur la remplace.",
  background_slow: "Cet appareil est trop lent pour masquer l’arrière-plan\u00a0: image saccadée.",
  audio_only: "Audio seul activé",
  pictures_again: "Les images sont rétablies",
  audio_only_first: "En audio seul, aucune image n’est envoyée. Rétablissez d’abord les images.",
};
