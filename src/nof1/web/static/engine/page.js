// Pages of text: instructions, "ready?", the end of practice, a pause. Self-paced; read by screen readers.

import { escape } from "./stimuli.js";

/** Make the plugin for a run; `context`: see run-task.js. */
export function pagePlugin(context, { ParameterType }) {
  return class Page {
    static info = {
      name: "nof1-page",
      version: "1.0.0",
      parameters: {
        title: { type: ParameterType.STRING, default: "" },
        text: { type: ParameterType.STRING, default: "" },
        step: { type: ParameterType.STRING, default: "" }, // such as "2 of 3"
        buttons: { type: ParameterType.OBJECT, array: true, default: undefined }, // {id, label, isMain}
        offer_fullscreen: { type: ParameterType.BOOL, default: false },
      },
      data: { chosen: { type: ParameterType.STRING } },
    };

    constructor(jsPsych) {
      this.jsPsych = jsPsych;
    }

    trial(host, { title, text, step, buttons, offer_fullscreen }, onLoad) {
      const canFill = offer_fullscreen && document.fullscreenEnabled && !document.fullscreenElement;
      host.innerHTML = `
        <section class="page" aria-labelledby="page-title">
          <h1 id="page-title" tabindex="-1">${escape(title)}</h1>
          ${text.split(/\n+/).map((line) => `<p>${escape(line)}</p>`).join("")}
          <div class="buttons">
            ${buttons.map(({ id, label, isMain }) => `<button type="button" class="${isMain ? "big" : "quiet"}" data-id="${id}">${escape(label)}</button>`).join("")}
          </div>
          <p class="step">${escape(step)}</p>
          ${canFill ? '<button type="button" class="quiet fill">Use the full screen</button>' : ""}
        </section>`;
      const section = host.querySelector("section");
      section.querySelector("h1").focus({ preventScroll: true });
      const finish = (chosen) => {
        document.removeEventListener("keydown", onKey);
        this.jsPsych.finishTrial({ chosen });
      };
      const onKey = (event) => {
        if (event.repeat || context.isDialogOpen() || event.target.closest?.("button")) return;
        const isOn = event.key === " " || event.key === "Enter" || event.key === "ArrowRight";
        const isBack = event.key === "ArrowLeft" && buttons.some(({ id }) => id === "back");
        if (!isOn && !isBack) return;
        event.preventDefault();
        finish(isBack ? "back" : buttons.find(({ isMain }) => isMain).id);
      };
      document.addEventListener("keydown", onKey);
      section.addEventListener("click", (event) => {
        const id = event.target.closest("[data-id]")?.dataset.id;
        if (id) finish(id);
      });
      section.querySelector(".fill")?.addEventListener("click", async (event) => {
        await document.documentElement.requestFullscreen({ navigationUI: "hide" }).catch(() => {});
        event.target.remove();
      });
      onLoad();
    }

    simulate(trial, mode, options, onLoad) {
      if (mode === "visual") {
        this.trial(this.jsPsych.getDisplayElement(), trial, onLoad);
        setTimeout(() => this.jsPsych.getDisplayElement().querySelector(".big").click(), 30);
        return;
      }
      onLoad();
      this.jsPsych.finishTrial({ chosen: trial.buttons.find(({ isMain }) => isMain).id });
    }
  };
}
