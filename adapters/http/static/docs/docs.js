// Shows the service's own description. Nothing is loaded from, or sent to, another host.
"use strict";

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayOperationId: false,
  validatorUrl: null,
});
