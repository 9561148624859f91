extension MappingFunction {
    static let people: [MappingFunction] = [email]

    private static let email = MappingFunction(
        name: "email",
        summary: "Rejects what is no e-mail address; puts the domain in lower case.",
        input: .text,
        parameters: [],
        result: .text,
        examples: [
            Example("email", "Huda.AlHarbi@Example.COM", .value("Huda.AlHarbi@example.com")),
            Example("trim | lower | email", " Huda@Example.com ", .value("huda@example.com")),
            Example("email", "huda@Bücher.example", .value("huda@bücher.example")),
            Example("email", "huda.farouk2.at.example.com", .reject("invalid_email")),
            Example("email", "", .empty),
        ],
        constants: .changed,
        proof: .email,
        prepare: { _ in
            Step { value, _, failure in
                value.checkEmail(failure: failure)
            } explain: { value, _ in
                EmailAddress.complaint(about: value)
            }
        }
    )
}

extension EmailAddress {
    static func complaint(about value: String) -> Complaint {
        let reason = fault(in: value)?.reason ?? "it is too long"
        let trimmed = WhiteSpace.trimmed(value)
        return Complaint(
            code: "invalid_email",
            message: "\(value.quoted) is not an e-mail address: \(reason).",
            hint: trimmed != value && fault(in: trimmed) == nil
                ? "It would be one without what stands around it: write trim before email."
                : "Correct it at the source, as in name@example.com."
        )
    }
}
