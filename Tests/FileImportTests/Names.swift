/// Words with letters beyond ASCII, of people and towns.
enum Names {
    /// Of languages that Windows-1252 has all letters for.
    static let western: [(language: String, words: String)] = [
        (
            "French",
            """
            Forêt Édith Lévy Andrée Joséphine Léon Dorothée Grégoire Bègue François Benoît Émile Frédérique
            Noël Gérard Lefèvre Adèle Adélaïde Vallée Cécile Eugène Chrétiendan Honoré André Théophile
            Andréeboeuf Léger Maréchal Lemaîtrenec Hervé Théodore Jérôme Stéphane Rivière Élodie Éric
            Étienne Lévêquedan Frédéric Valérie
            """
        ),
        (
            "German",
            """
            Güstrow Wörgl Mürzzuschlag Andrä Pößneck Börner Fröhlich Vöslau Vohenstrauß Lübeck Mühle Jürgen
            Rädel Lüneburg Göppingen Dürnstein Röhrdanz Gröttner Hödl Sölzer Eichstätt Löffler Weissenböck
            Austermühle Lübben Lörrach Täsche José Röhricht Hohenmölsen Trüb Saarbrücken Sören Güssing Lübz
            Brückenau Gföhl Sömmerda Nördlingen Gänserndorf
            """
        ),
        (
            "Spanish",
            """
            Serafín Reséndez Castañeda Guipúzcoa Sebastián Castelló Íñigo Carreón Coruña Zacarías Quiñónez
            Estefanía Montaña Mascaró Rubén Flórez Lucía Echeverría Begoña León Haydée Castellón Jaén César
            Ibañez Cañas Cádiz Muñoz Cáceres José Ramón Mariño Henríquez Águila Roselló Sáenz Málaga Óscar
            Salvà Iván
            """
        ),
        (
            "Portuguese",
            """
            Kévim Heroísmo Sá Guimarães Câmara Lavínia Araújo Mêda Alcácer Álvaro Cacém Leão Magalhães
            António Simões Paços Rúben Lourenço São Victória Fiães Bárbara João Natália Aragão Fundão
            Constança Ílhavo Otávio Azeméis Luísa Júlia Vitória Covilhã Assunção Tomás Emília Mário Caniço
            Márcio
            """
        ),
        (
            "Italian",
            """
            Mühlbach Bellò Nicolò Donà Almagià Giosuè Niccolò Dallapé Berrè Cassarà Borzomì Segrè Foà Boldù
            """
        ),
        (
            "Swedish",
            """
            Trollhättan Norrköping Östersund Boström Sundström Borås Skellefteå Lidköping Söderström
            Nyköping Örebro Jönköping Björkman Skövde Björklund Södertälje Gävle Holmström Malmö Lövgren
            Östlund Möller Alingsås Göteborg Thorén Wahlström Borlänge Lidingö Örnsköldsvik Mölndal Edström
            Göran Piteå Åberg Lundström Wikström Umeå Västerås Brännström Gösta
            """
        ),
        (
            "Danish",
            """
            Ølgod Kjær Vrå Bøje Kværndrup Sakskøbing Ørum Solrød Østergaard Søborg Ølsted Vesløs Skævinge
            Rødovre Møller Sønder Brædstrup Nivå Højby Græsted Føvling Korsør Åge Herfølge Låsby Gørlev
            Stenløse Vedbæk Rødekro Nørreballe Ærøskøbing Højslev Øivind Helsingør Søndergaard Læsø Sørensen
            Bælum Egå Frørup
            """
        ),
        (
            "Norwegian",
            """
            Andersstrøm Jørgensen Stigøy Sæther Wencheø Rønning Olevær Strøm Steinarbø Bjørg Jørgen Karinvåg
            Astridsjøen Nygård Monaø Asbjørn Wenchevåg Beritsjøen Sørensen Gunnø Åse Turidø Evavåg Næss
            Rogerø Ødegård Synnøve Bøe Torbjørn Øystein Joakimås Øyvind Olesjøen Tombø Kåre Håkonfjord
            Elsesjøen Pål Håkonmark Kjetilø
            """
        ),
        (
            "Finnish",
            """
            Tyrnävä Pyhäntä Kärkkäinen Mäenpää Mäkinen Männistö Jämsä Penttilä Ristijärvi Sodankylä
            Äänekoski Rautjärvi Riihimäki Mäntyharju Luumäki Helinä Leppänen Keinänen Säkylä Meriläinen
            Pitkänen Väisänen Sipilä Kivelä Närpiö Rytkönen Föglö Lepistö Oripää Räisänen Lappajärvi Kihniö
            Hausjärvi Räty Järvelä Mäntylä Hämeenlinna Sirviö Sysmä Syrjälä
            """
        ),
        (
            "Dutch",
            """
            Bökenkamp Esmée Loïs Joëlle Exloërmond Fabiënne Féline Broeksterwâld François Aimée Chloë
            Sibrandahûs Jumiège Arriën Damwâld Joël Neustrië Daniël Höning Alemannië Chloé Amélie Zoë
            Mariënberg Ohé Kûbaard Goënga Bresé Noëlle Allemanië Balloërveld Françoise Vajèn Feanwâlden
            Mûnein Húns Goëngahuizen Wâlterswâld Wânswert Mariënheem
            """
        ),
        (
            "Icelandic",
            """
            Sigurður Guðmundsson Þór Sigurðsson Guðrún Jónsdóttir Ólafur Grímsson Þorsteinn Björnsson
            Kristín Ýr Helgadóttir Björk Guðmundsdóttir Halldór Ásgrímsson Sæunn Þórarinsdóttir Magnús Már
            Þorláksson Árni Páll Árnason Óskarsdóttir Valdís Reykjavík Kópavogur Hafnarfjörður Ísafjörður
            Seyðisfjörður Garðabær Höfn Stykkishólmur
            """
        ),
        (
            "Estonian",
            """
            Tõnushire Jeršov Kesküla Põllumouth Štšerbakov Jürgensonland Aasmäe Mäesalu Mölder Ülle Mäe
            Jüribury Jürisson Salumäe Nõmmikmouth Pärnatown Põldma Jürgensland Malõšev Võsu Säde Jõetown
            Tõnustad Krõlov Davõdov Põldshire Nadežda Õispuu Sööt Jõgi Nõmmik Jüristad Mänd Vähi Nõmm Pärtel
            Õun Tõnufurt Tõnu Härm
            """
        ),
    ]

    /// Of others.
    static let others: [(language: String, words: String)] = [
        (
            "Turkish",
            """
            Birgül Gülev Şafak Ülkerburgh Şehreban Rıfkıye Zülfüye Ergül Coşkun Tevetoğlu Oldağ Özgermouth
            Hiçsönmez Gülen İlbekville Şama Hürmet Günser Tansığ Yüksel Yılmaztown Fırat Anargül Mansız
            Çetin İde Büreyre İnönü Çamurcuoğlu Ayçan Kısakürek İdiris Akçay Akça Neşrinstad Yankı Korutürk
            Oğuzman Güngören Akçayberg
            """
        ),
        (
            "Polish",
            """
            Racibórz Pęciak Gdańsk Żagań Jaśko Dzierżoniów Łój Sącz Litwińczuk Bystroń Górnisiewicz
            Wałbrzych Ostrów Radosław Ząbki Róża Bolesławiec Świętokrzyski Włocławek Wągrowiec Jarosław
            Śleziak Skarżysko Hadaś Wieluń Jędrzej Józef Działak Mława Mikołaj Wziątek Zamość Ostróda Śrem
            Lubartów Bzdęga Giżycko Dębica Żyrardów Gorzów
            """
        ),
        (
            "Czech",
            """
            Vávra Brandýs Orlicí Konečný Studénka Františka Horáčková Přeštice Jindřiška Sýkorová Zásmuky
            Křížová Kunštát Pavlíček Nová Kovář Černošice Ježková Bedřich Havlíček Bílková Frýdek Místek
            Hrubý Matouš Jablonné Vojtěch Liška Malá Terezín Lišková Uhlířské Kryštof Pokorný Nový Knín
            Tomáš Šťastný Bohumír Kopecký
            """
        ),
        (
            "Hungarian",
            """
            Balázs Bálint Pusztahídvég Mihály Vác Erzsébet Hódmezővásárhely Fehér Márton Péter Vár Gulyásné
            Kovács Ildikó Kaposvár Pintér Tatabánya Pál Tóth Viktória Róza Molnár Juhász Ózd Ádám
            Egyházaskeresztharaszti Alsóhátvég Mátyásné Mezőtamásivárad Jánosné Belsőgyörgyvára Szabóné
            Fürdőváros Novák Áron Tótkövesd Horváth Nagymellékvárad Réka Károly
            """
        ),
        (
            "Romanian",
            """
            Ionică Lascăr Ștefana Dragoș Stănescu Lucențiu Niță Nicușor Ioniță Nemeș Petrișor Gică Grațian
            Pușcașu Ghiță Crenguța Bănel Laurenția Luminița Ștefania Vasilică Steluța Florența Cătălina
            Răducu Gențiana Niculiță Sinică Tincuța Romanița Anuța Lazăr Vicențiu Aristița Eustațiu Brândușa
            Lucrețiu Ionuț Grațiela Mitruț
            """
        ),
        (
            "Croatian",
            """
            Zrilić Ploče Božica Mužić Baničević Našice Pedišić Maraš Šibenik Štefica Jurjević Anđa
            Petričević Sirotić Tomić Mraović Čabar Ružica Bašić Odobašić Ilinović Rašeta Popovača Marinović
            Jagečić Petrović Strinavić Belišće Lošinj Čargonja Barković Drniš Gržetić Pavlović Čakovec
            Garešnica Vukobratović Milatić Tudić Kaštela
            """
        ),
        (
            "Latvian",
            """
            Alīda Jūlijaville Jūle Cīrule Dārtafurt Bērends Līcis Āboliņaborough Leontīne Paulīna Krieviņš
            Vīksna Ģedertsfurt Kaņepa Kristiāna Zigrīdamouth Sarmīte Eglīte Diānafurt Ērika Kārkliņa
            Liepiņaburgh Kalējs Kalējschester Kundziņa Bērziņšhaven Bērtulis Eglītisfurt Kauliņš Žanis
            Bērziņa Mārisfurt Cīrulisstad Natālija Apsītis Kundziņš Priedītischester Rudzītis Līceview
            Oļģerts
            """
        ),
        (
            "Lithuanian",
            """
            Poška Artūras Medėja Kiška Mantė Aušrinėtown Agnė Rusnė Žukauskasshire Vėjūnėview Indrėbury
            Radvilė Žukauskas Eidvilėfurt Kalvėnas Vakarė Izabelė Gintarėmouth Ąžuolasmouth Ugnė
            Kalvėnashaven Vėjūnėport Gaižauskas Vėjūnė Artūrasside Aušraborough Aurėja Žemynatown Narušis
            Stankevičiusberg Artūraschester Ričardas Ąžuolas Smiltėhaven Živilė Žemynafort Arūnashaven
            Žukauskasville Nausėda Vasarėtown
            """
        ),
    ]
}
