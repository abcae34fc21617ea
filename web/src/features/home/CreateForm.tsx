import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CreateMeetingRequest, Meeting, MeetingRules } from "../../core/api/client";
import { whenOf } from "../../core/plan";
import { codeOf, type FailureCode, slotIn } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Choice } from "../../ui/Choice";
import { Disclosure } from "../../ui/Disclosure";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { useServices } from "../services";
import { CreateOptions } from "./CreateOptions";
import styles from "./Form.module.css";
import { LengthSelect } from "./LengthSelect";
import { TooClose } from "./TooClose";
import { usePlan } from "./usePlan";
import { WhenFields } from "./WhenFields";

interface Props {
  rules: MeetingRules;
  onCreated: (meeting: Meeting) => void;
}

/** A title is enough: what is not chosen is as the organisation has it. */
export function CreateForm({ rules, onCreated }: Props) {
  const { t } = useTranslation();
  const { api } = useServices();
  const [title, setTitle] = useState("");
  const [options, setOptions] = useState<Omit<CreateMeetingRequest, "title">>({});
  const [isPlanned, setPlanned] = useState(false);
  const plan = usePlan(rules);
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const [isBusy, setBusy] = useState(false);
  const length = options.length ?? rules.length;

  async function create(insist: boolean) {
    const asked = title.trim();
    if (asked === "") return setFailure("title_required");
    const planned = isPlanned ? plan.asked(insist) : undefined;
    if (planned === null) return;
    setBusy(true);
    try {
      onCreated(await api.createMeeting({ ...options, title: asked, plan: planned }));
      setTitle("");
      setPlanned(false);
      plan.choose(plan.when, false);
    } catch (error) {
      if (slotIn(error)) plan.refused(error);
      else setFailure(codeOf(error));
    } finally {
      setBusy(false);
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    void create(false);
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field
        label={t("home.create_label")}
        placeholder={t("home.create_placeholder")}
        error={failure && t(`error.${failure}`)}
        value={title}
        onChange={(value) => {
          setTitle(value);
          setFailure(null);
        }}
        maxLength={200}
        autoComplete="off"
        testId="title-field"
      />
      <Choice
        label={t("plan.when")}
        value={isPlanned ? "later" : "now"}
        options={[
          { id: "now", label: t("plan.now") },
          { id: "later", label: t("plan.later") },
        ]}
        onChange={(id) => setPlanned(id === "later")}
      />
      {isPlanned && (
        <>
          <WhenFields
            when={plan.when}
            isChosen={plan.isChosen}
            length={length}
            rules={rules}
            onChange={plan.choose}
          />
          <LengthSelect
            length={length}
            rules={rules}
            onChange={(next) => setOptions({ ...options, length: next })}
          />
          {plan.failure === "date_required" && <p role="alert">{t("plan.date_required")}</p>}
          {plan.slot && (
            <TooClose
              slot={plan.slot}
              onTake={(at) => plan.choose(whenOf(at), true)}
              onInsist={() => void create(true)}
            />
          )}
        </>
      )}
      <Disclosure title={t("create.options")} level={3} testId="create-options">
        <CreateOptions
          options={options}
          rules={rules}
          hasLength={!isPlanned}
          onChange={(part) => {
            setOptions({ ...options, ...part });
            setFailure(null);
          }}
        />
      </Disclosure>
      <Button type="submit" look="primary" wide isDisabled={isBusy} data-testid="create-button">
        <Icon name={isPlanned ? "calendar" : "plus"} size={20} />
        {t(isPlanned ? "plan.action" : "home.create_action")}
      </Button>
    </form>
  );
}
