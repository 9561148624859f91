package import JSON

extension RunFailure {
    /// Reads `{"class": "auth", "code": "login_refused", "message": "…", "hint": "…"}`.
    package init(json: JSONValue) throws(JSONFieldError) {
        var fields = try JSONFields(json)
        self.init(
            errorClass: try fields.string("class"),
            code: try fields.string("code"),
            message: try fields.string("message"),
            hint: try fields.string("hint")
        )
        try fields.finish()
    }

    package var json: JSONValue {
        ["class": .string(errorClass), "code": .string(code), "message": .string(message), "hint": .string(hint)]
    }
}
