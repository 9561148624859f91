internal import JSON

/// The part of JSON Schema 2020-12 that settings are described with, compiled once.
///
/// Every keyword is either checked or a note for people; a keyword outside of the list makes the schema refused, so that
/// nothing an author wrote goes unchecked. Checked: `type enum const properties required additionalProperties items
/// minItems maxItems uniqueItems minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf format
/// oneOf dependentRequired if then else $ref $defs`. Notes: `default title description examples writeOnly $schema` and
/// `x-trainflow-*`. `pattern` is refused: its expressions would need RE2, which isn't linked.
/// `oneOf` needs a discriminator: one required property whose `const` differs in each branch.
package struct JSONSchema: Sendable {
    /// What is wrong with a value, and where in it (RFC 6901). Never quotes the value: it may be a credential.
    package struct Finding: Sendable, Equatable {
        package var pointer: String
        package var message: String

        package init(pointer: String, message: String) {
            self.pointer = pointer
            self.message = message
        }
    }

    /// Why a schema can't be used, and where in it.
    package struct Refusal: Error, Sendable, Equatable {
        package var pointer: String
        package var message: String
    }

    /// Schemas by number; 0 is the whole one.
    var nodes: [Node]

    struct Node: Sendable {
        /// `true` or `false` instead of an object.
        var fixed: Bool?
        var types: Set<ValueType>?
        var allowed: [JSONValue]?
        var properties: [(name: String, schema: Int)] = []
        var required: [String] = []
        var additionalProperties: Int?
        var dependentRequired: [(name: String, needs: [String])] = []
        var items: Int?
        var itemCount = 0...Int.max
        var hasUniqueItems = false
        var length = 0...Int.max
        var format: SchemaFormat?
        var minimum: ExactNumber?
        var maximum: ExactNumber?
        var exclusiveMinimum: ExactNumber?
        var exclusiveMaximum: ExactNumber?
        var divisor: ExactNumber?
        var choice: Choice?
        var condition: Condition?
        var reference: Int?
        /// Texts for messages, of the numbers above.
        var bounds: [String: String] = [:]
    }

    struct Choice: Sendable {
        var property: String
        var branches: [(constant: JSONValue, schema: Int)]
    }

    struct Condition: Sendable {
        var test: Int
        var then: Int?
        var otherwise: Int?
    }

    enum ValueType: String, Sendable, CaseIterable {
        case null, boolean, integer, number, string, array, object

        var article: String {
            switch self {
            case .null: "null"
            case .boolean: "true or false"
            case .integer: "a whole number"
            case .number: "a number"
            case .string: "a text"
            case .array: "a list"
            case .object: "an object"
            }
        }
    }
}
