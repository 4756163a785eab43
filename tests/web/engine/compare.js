// For one test: the clock that jsPsych itself would use, on the same trials. It begins when the stimulus is in the page, as
// in jsPsych's own plugins, and ends in the handler of jsPsych's keyboard listener.

globalThis.nof1Extensions = [
  {
    type: class Compare {
      static info = { name: "compare", version: "1.0.0", data: {} };

      constructor(jsPsych) {
        this.jsPsych = jsPsych;
      }

      async initialize() {}

      on_start() {
        this.rt = null;
      }

      on_load() {
        const stage = this.jsPsych.getDisplayElement().querySelector(".stimulus");
        const observer = new MutationObserver(() => {
          observer.disconnect();
          this.jsPsych.pluginAPI.getKeyboardResponse({
            callback_function: ({ rt }) => (this.rt = rt),
            valid_responses: [" "],
            rt_method: "performance",
            persist: false,
            allow_held_key: false,
          });
        });
        observer.observe(stage, { childList: true });
      }

      async on_finish() {
        await new Promise((resolve) => setTimeout(resolve, 20)); // its listener comes after ours
        return { compared: { rt_jspsych_ms: this.rt } };
      }
    },
  },
];
