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
    letter_keys: "Raccourcis clavier d’une seule lettre",
    sounds: "Signaux sonores discrets (tour de parole, main levée)",
    space_bar: "Espace",
    hold_to_talk: "Parler tant que la touche est maintenue, micro coupé",
    small_window_off: "Incruster l’image principale",
    small_window_on: "Fermer l’image incrustée",
  },
};

export const frComfortNotice = {
  pinned: "{{name}} reste en grand pour vous",
  unpinned: "{{name}} ne reste plus en grand",
  layout_auto: "Disposition automatique\u00a0: l’écran partagé en grand, sinon la mosaïque",
  layout_grid: "Mosaïque\u00a0: tout le monde à la même taille",
  layout_speaker: "L’orateur en grand, les autres à côté",
  audio_only: "Audio seul activé",
  pictures_again: "Les images sont rétablies",
  audio_only_first: "En audio seul, aucune image n’est envoyée. Rétablissez d’abord les images.",
};
