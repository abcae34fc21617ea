#include "wire/mail.h"

#include <gtest/gtest.h>

namespace conclave::wire {
namespace {

Mail mail() {
    return {.from_name = "Conclave",
            .from = "noreply@visio.fr",
            .to = "ada@ville.fr",
            .subject = "Code",
            .text = "Bonjour,\n",
            .language = "fr",
            .date = WallTime::from_unix_seconds(1'800'000'000),
            .id = "abc123"};
}

TEST(Mail, IsAMessage_RFC5322) {
    EXPECT_EQ(*compose_mail(mail()),
              "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"
              "From: Conclave\r\n <noreply@visio.fr>\r\n"
              "To: <ada@ville.fr>\r\n"
              "Message-ID: <abc123@visio.fr>\r\n"
              "Subject: Code\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Language: fr\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "Bonjour,\r\n");
}

TEST(Mail, HeadersOutsideAsciiAreEncodedWords_RFC2047) {
    Mail accented = mail();
    accented.from_name = "Visioconférence";
    accented.subject = "Votre code de connexion à Conclave : les réunions de l’État, éèà çù ôî";
    const std::string text = *compose_mail(accented);
    EXPECT_NE(text.find("From: =?utf-8?B?VmlzaW9jb25mw6lyZW5jZQ==?=\r\n <"), std::string::npos) << text;
    EXPECT_NE(text.find("Subject: =?utf-8?B?"), std::string::npos);
    EXPECT_NE(text.find("?=\r\n =?utf-8?B?"), std::string::npos) << "a long one takes several";
    for (const char c : text) EXPECT_LT(static_cast<unsigned char>(c), 0x7f);
}

TEST(Mail, TextThatLooksEncodedIsEncoded_RFC2047_7) {
    Mail sly = mail();
    sly.subject = "=?utf-8?B?ZXZpbA==?=";
    EXPECT_EQ(compose_mail(sly)->find("Subject: =?utf-8?B?ZXZpbA==?="), std::string::npos);
    sly.from_name = "Conclave <evil@x.fr>,";
    EXPECT_NE(compose_mail(sly)->find("From: =?utf-8?B?"), std::string::npos);
}

// Row A19 for mail: no value can start a line of its own.
TEST(Mail, A19_NoValueBecomesAHeader) {
    for (const char* evil :
         {"x\r\nBcc: eve@x.fr", "x\nBcc: eve@x.fr", "x\rBcc: eve@x.fr", "x\ty", "\x7f", "\xff"}) {
        Mail subject = mail();
        subject.subject = evil;
        EXPECT_FALSE(compose_mail(subject)) << evil;
        Mail name = mail();
        name.from_name = evil;
        EXPECT_FALSE(compose_mail(name)) << evil;
        Mail to = mail();
        to.to = std::string("ada@ville.fr") + evil;
        EXPECT_FALSE(compose_mail(to)) << evil;
        Mail id = mail();
        id.id = evil;
        EXPECT_FALSE(compose_mail(id)) << evil;
        Mail language = mail();
        language.language = evil;
        EXPECT_FALSE(compose_mail(language)) << evil;
    }
    for (const char* to : {"", "ada", "@x", "ada@", "a@b@c", "a b@c.fr", "a,b@c.fr", "<a@c.fr>", "a@c.fr>"}) {
        Mail other = mail();
        other.to = to;
        EXPECT_FALSE(compose_mail(other)) << to;
    }
}

TEST(Mail, ACalendarIsASecondPart_RFC2046_5_1) {
    Mail invitation = mail();
    invitation.text = "--=_abc123--\n";
    invitation.calendar = MailCalendar{"REQUEST", std::string(60, 'x')};
    const std::string text = *compose_mail(invitation);
    EXPECT_EQ(text.substr(text.find("Content-Type")),
              "Content-Type: multipart/mixed;\r\n boundary=\"=_abc123\"\r\n"
              "\r\n"
              "--=_abc123\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "--=3D_abc123--\r\n"
              "--=_abc123\r\n"
              "Content-Type: text/calendar; charset=utf-8;\r\n method=REQUEST; name=invite.ics\r\n"
              "Content-Disposition: attachment; filename=invite.ics\r\n"
              "Content-Transfer-Encoding: base64\r\n"
              "\r\n"
              "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\r\n"
              "eHh4\r\n"
              "--=_abc123--\r\n");
    invitation.calendar->method = "REQUEST\r\nBcc: eve@x.fr";
    EXPECT_FALSE(compose_mail(invitation));
}

TEST(Mail, TheTextIsQuotedPrintable_RFC2045_6_7) {
    const auto body = [](std::string text) {
        Mail one = mail();
        one.text = std::move(text);
        const std::string whole = *compose_mail(one);
        return whole.substr(whole.find("\r\n\r\n") + 4);
    };
    EXPECT_EQ(body("a = b\n"), "a =3D b\r\n");
    EXPECT_EQ(body("é\n"), "=C3=A9\r\n");
    EXPECT_EQ(body("end \n"), "end=20\r\n");
    EXPECT_EQ(body(".\n..x\n"), "=2E\r\n=2E.x\r\n") << "a line of a dot would end the message";
    EXPECT_EQ(body("a\r\nb"), "a=0D\r\nb\r\n") << "no bare CR";
    EXPECT_EQ(body(std::string(76, 'x') + "\n"), std::string(76, 'x') + "\r\n");
    EXPECT_EQ(body(std::string(77, 'x') + "\n"), std::string(75, 'x') + "=\r\nxx\r\n");
    EXPECT_EQ(body(""), "\r\n");
}

}  // namespace
}  // namespace conclave::wire
