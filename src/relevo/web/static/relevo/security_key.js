// Hands the question of a form (data-question) to a security key or passkey when it is sent, and sends the answer
// along: `navigator.credentials`, https://www.w3.org/TR/webauthn-2/. Binary values are base64url on the way.
(() => {
  const toBytes = (text) => {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };

  const toText = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };

  const known = (keys) => (keys || []).map((key) => ({ ...key, id: toBytes(key.id) }));

  // A new key says other things than one that is known.
  const make = async (question) => {
    const key = await navigator.credentials.create({ publicKey: {
      ...question,
      challenge: toBytes(question.challenge),
      user: { ...question.user, id: toBytes(question.user.id) },
      excludeCredentials: known(question.excludeCredentials),
    } });
    return [key, {
      attestationObject: toText(key.response.attestationObject),
      transports: key.response.getTransports ? key.response.getTransports() : [],
    }];
  };

  const use = async (question) => {
    const key = await navigator.credentials.get({ publicKey: {
      ...question,
      challenge: toBytes(question.challenge),
      allowCredentials: known(question.allowCredentials),
    } });
    const handle = key.response.userHandle;
    return [key, {
      authenticatorData: toText(key.response.authenticatorData),
      signature: toText(key.response.signature),
      userHandle: handle ? toText(handle) : null,
    }];
  };

  const answer = async (form) => {
    const question = JSON.parse(form.dataset.question);
    const [key, more] = await (question.user ? make : use)(question);
    return JSON.stringify({
      id: key.id,
      rawId: toText(key.rawId),
      type: key.type,
      authenticatorAttachment: key.authenticatorAttachment,
      clientExtensionResults: {},
      response: { clientDataJSON: toText(key.response.clientDataJSON), ...more },
    });
  };

  const send = async (event) => {
    const form = event.target;
    const failure = form.querySelector("[data-failure]");
    event.preventDefault();
    failure.hidden = true;
    try {
      form.elements.answer.value = await answer(form);
    } catch (error) {
      failure.hidden = false;
      return;
    }
    form.submit();
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-question]")) form.addEventListener("submit", send);
  });
})();
