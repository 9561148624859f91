internal import Profile

extension SourceProfile {
    static let schema = Schema.object(
        .required("rows", .integer, "Records read."),
        .required("is_whole", .bool, "Whether all were read, and not the limit's only."),
        .required("columns", .list(of: columnSchema), "In the source's order."),
        .required("columns_left_out", .integer, "How many columns more there are than are looked at."),
        .required("findings", .list(of: findingSchema), "The weightiest first.")
    )

    private static let columnSchema = Schema.object(
        .required("name", .string),
        .required("type", .oneOf(ColumnKind.names), "What nine in ten values are."),
        .required("date_format", .string.orNull, "How most dates are written, as parseDate takes it."),
        .required("rows", .integer),
        .required("filled", .integer, "Rows with a value."),
        .required("longest", .integer, "Bytes of the longest value."),
        .required("samples", .list(of: .string), "The first different values, at most three.")
    )

    private static let findingSchema = Schema.object(
        .required("code", .string),
        .required("weight", .oneOf(Finding.Weight.self)),
        .required("columns", .list(of: .string), "Empty where it is about whole rows."),
        .required("count", .integer, "Rows that it is about."),
        .required(
            "examples",
            .list(
                of: .object(
                    .required("at", .integer, "Line, row or offset, as the source counts."),
                    .required("value", .string)
                )
            )
        ),
        .required("message", .string),
        .required("fix", .string),
        .required("transform_function", .string.orNull, "A pipe for the mapping that mends it.")
    )
}
