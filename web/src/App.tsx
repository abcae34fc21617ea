import { I18nProvider } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { AccountPage } from "./features/account/AccountPage";
import { MeetingPage } from "./features/call/MeetingPage";
import { MessagePage } from "./features/frame/MessagePage";
import { HomePage } from "./features/home/HomePage";
import { NetworkPage } from "./features/network/NetworkPage";
import { type Services, ServicesContext } from "./features/services";
import { SignInPage } from "./features/signin/SignInPage";
import { Button } from "./ui/Button";
import { useStore } from "./ui/useStore";

export function App({ services }: { services: Services }) {
  const { i18n } = useTranslation();
  return (
    <I18nProvider locale={i18n.language === "en" ? "en-US" : "fr-FR"}>
      <ServicesContext value={services}>
        <Page services={services} />
      </ServicesContext>
    </I18nProvider>
  );
}

function Page({ services: { navigation } }: { services: Services }) {
  const { t } = useTranslation();
  const route = useStore(navigation.route, (current) => current);
  switch (route.page) {
    case "home":
      return <HomePage />;
    case "sign-in":
      return <SignInPage />;
    case "account":
      return <AccountPage />;
    case "network":
      return canMeet() ? <NetworkPage /> : <Unsupported />;
    case "meeting":
      // Another meeting is another page: nothing of the first may stay.
      return canMeet() ? <MeetingPage key={route.id} id={route.id} /> : <Unsupported />;
    case "not-found":
      return (
        <MessagePage icon="warning" title={t("not_found.title")} text={t("not_found.text")}>
          <Button look="primary" onPress={() => navigation.go("/")}>
            {t("ended.home")}
          </Button>
        </MessagePage>
      );
  }
}

function canMeet(): boolean {
  return typeof RTCPeerConnection === "function" && typeof WebSocket === "function";
}

function Unsupported() {
  const { t } = useTranslation();
  return <MessagePage icon="warning" title={t("unsupported.title")} text={t("unsupported.text")} />;
}
