// L’espace avant une ponctuation haute est insécable.
export const frAccount = {
  account: {
    sign_in: "Se connecter",
    sign_out: "Se déconnecter",
    mine: "Mon compte",
    mine_named: "Mon compte : {{name}}",
    name: "Nom",
    email: "Adresse électronique",
    loading_failed: "Votre compte n’a pas pu être affiché",
    sessions: "Où votre compte est ouvert",
    sessions_lead: "Fermez ce que vous ne reconnaissez pas, puis changez de mot de passe.",
    this_one: "Ici",
    browser_on: "{{browser}} sous {{system}}",
    browser_unknown: "Navigateur inconnu",
    opened: "Ouvert le {{date}}",
    door_link: "par un lien de connexion",
    door_password: "par mot de passe",
    door_code: "par un code reçu par courriel",
    door_single_sign_on: "par le service d’identité",
    seen: "Utilisé pour la dernière fois le {{date}}",
    end: "Fermer",
    end_named: "Fermer : {{browser}}, ouvert le {{date}}",
    ended: "C’est fermé : ce navigateur n’ouvre plus votre compte.",
    end_others: "Fermer partout ailleurs",
    others_ended: "Votre compte n’est plus ouvert qu’ici.",
    password: "Mot de passe",
    password_current: "Mot de passe actuel",
    password_new: "Nouveau mot de passe",
    password_hint:
      "Au moins 12 caractères de toutes sortes, 14 sans ponctuation, ou une phrase entière.",
    password_change: "Changer le mot de passe",
    password_set: "Définir un mot de passe",
    password_changed: "Votre mot de passe est changé. Votre compte n’est plus ouvert qu’ici.",
    password_none: "Vous vous connectez sans mot de passe : il n’y a rien à changer ici.",
    sign_out_title: "Se déconnecter",
    sign_out_text: "Vous êtes encore en session chez {{label}} quand vous vous déconnectez d’ici.",
    sign_out_here: "Ici seulement",
    sign_out_there: "Ici et chez {{label}}",
    signed_out_there: "Vous êtes hors session, ici et auprès du service d’identité.",
  },
};

export const frAccountError = {
  sign_in_busy:
    "Beaucoup de personnes se connectent en ce moment. Réessayez dans quelques secondes.",
  wrong_password: "Ce n’est pas votre mot de passe actuel.",
  password_too_weak:
    "Ce mot de passe est trop facile à deviner. Allongez-le ou mêlez-y d’autres caractères.",
  password_too_long: "Ce mot de passe est trop long.",
  password_not_text: "Ce mot de passe contient des caractères que l’on ne peut pas saisir.",
  password_personal: "Ce mot de passe contient votre nom ou votre adresse.",
  password_not_allowed: "Ce compte s’ouvre par le service d’identité, sans mot de passe.",
  fresh_sign_in_required:
    "Pour définir un premier mot de passe, déconnectez-vous et reconnectez-vous d’abord.",
};
