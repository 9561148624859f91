import Mapping
import Testing

@Suite struct FunctionCatalogueTests {
    @Test(arguments: MappingFunction.catalogue)
    func `every example of the catalogue comes out as it says`(function: MappingFunction) throws {
        #expect(!function.examples.isEmpty)
        for example in function.examples {
            let fields = example.fields.mapValues { [Optional($0)] }
            let outcome = try transform(example.transform, [example.value], fields: fields)
            switch example.outcome {
            case .value(let text): #expect(outcome == [.value(text)], "\(example.transform)")
            case .empty: #expect(outcome == [.absent], "\(example.transform)")
            case .reject(let code): #expect(outcome == [.failed(code)], "\(example.transform)")
            }
            #expect(example.transform.contains(function.name), "an example shows its function")
        }
    }

    @Test func `names are distinct and lower camel case`() {
        let names = MappingFunction.catalogue.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.first?.isLowercase == true && name.allSatisfy(isNamePart), "\(name)")
            #expect(MappingFunction.named(name)?.name == name)
        }
    }

    private func isNamePart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }

    @Test func `everything is said in English and in Arabic`() {
        func check(_ label: Label, _ what: String) {
            #expect(
                !label.english.isEmpty && label.english.unicodeScalars.contains { $0.properties.isAlphabetic },
                "\(what)"
            )
            #expect(label.arabic.unicodeScalars.contains { 0x620...0x64A ~= $0.value }, "\(what)")
        }
        for function in MappingFunction.catalogue {
            check(function.summary, function.name)
            for parameter in function.parameters { check(parameter.help, "\(function.name).\(parameter.name)") }
        }
        for topic in MappingFunction.Topic.allCases {
            check(topic.label, topic.rawValue)
            #expect(MappingFunction.catalogue.contains { $0.topic == topic }, "\(topic)")
        }
    }

    @Test func `signatures show optional and repeated arguments`() {
        let signatures = Dictionary(uniqueKeysWithValues: MappingFunction.catalogue.map { ($0.name, $0.signature) })
        #expect(signatures["trim"] == "trim")
        #expect(signatures["parseDate"] == "parseDate(pattern[, zone][, firstYear])")
        #expect(signatures["join"] == "join[(separator)]")
        #expect(signatures["fail"] == "fail(message[, value, …])")
        #expect(signatures["concatNonEmpty"] == "concatNonEmpty(separator, part, …)")
    }
}
