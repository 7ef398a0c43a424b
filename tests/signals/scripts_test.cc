// Scripts: names in Latin letters and in their own, in languages of which there are no labelled data.
#include <doctest/doctest.h>

#include "engine/signals/names.h"

namespace holdfast {
namespace {

constexpr std::pair<const char*, const char*> kSame[] = {
    // Hebrew
    {"Abraham", "אברהם"}, {"David", "דוד"}, {"Joseph", "יוסף"}, {"Moshe", "משה"}, {"Sarah", "שרה"}, {"Michael", "מיכאל"}, {"Yitzhak", "יצחק"}, {"Rachel", "רחל"}, {"Netanyahu", "נתניהו"}, {"Cohen", "כהן"}, {"Levi", "לוי"}, {"Sharon", "שרון"}, {"Peretz", "פרץ"}, {"Olmert", "אולמרט"}, {"Weizmann", "וייצמן"}, {"Zvi", "צבי"}, {"Hannah", "חנה"}, {"Yaakov", "יעקב"}, {"Golda", "גולדה"}, {"Shimon", "שמעון"}, {"Ariel", "אריאל"}, {"Benjamin", "בנימין"}, {"Rabin", "רבין"}, {"Barak", "ברק"}, {"Tal", "טל"}, {"Daniel", "דניאל"}, {"Gabriel", "גבריאל"}, {"Eliyahu", "אליהו"}, {"Friedman", "פרידמן"}, {"Goldstein", "גולדשטיין"}, {"Lincoln", "לינקולן"}, {"Washington", "וושינגטון"}, {"Churchill", "צ'רצ'יל"}, {"George", "ג'ורג'"}, {"Roosevelt", "רוזוולט"}, {"Shakespeare", "שייקספיר"}, {"Einstein", "אינשטיין"}, {"Tolstoy", "טולסטוי"}, {"Putin", "פוטין"}, {"Biden", "ביידן"},
    // Korean
    {"Kim", "김"}, {"Lee", "이"}, {"Park", "박"}, {"Choi", "최"}, {"Jung", "정"}, {"Kang", "강"}, {"Minsu", "민수"}, {"Seoyeon", "서연"}, {"Jihoon", "지훈"}, {"Hyunwoo", "현우"}, {"Yoon", "윤"}, {"Cho", "조"}, {"Jang", "장"}, {"Lim", "임"}, {"Han", "한"}, {"Oh", "오"}, {"Shin", "신"}, {"Kwon", "권"}, {"Hwang", "황"}, {"Ahn", "안"}, {"Song", "송"}, {"Ryu", "류"}, {"Hong", "홍"}, {"Younghee", "영희"}, {"Chulsoo", "철수"}, {"Eunjung", "은정"}, {"Junho", "준호"}, {"Michael", "마이클"}, {"David", "데이비드"}, {"James", "제임스"}, {"Washington", "워싱턴"}, {"Obama", "오바마"},
    // Greek
    {"Giorgos", "Γιώργος"}, {"Papadopoulos", "Παπαδόπουλος"}, {"Nikos", "Νίκος"}, {"Evangelos", "Ευάγγελος"}, {"Dimitris", "Δημήτρης"}, {"Christos", "Χρήστος"}, {"Babis", "Μπάμπης"}, {"Tsipras", "Τσίπρας"}, {"Alexandros", "Αλέξανδρος"}, {"Konstantinos", "Κωνσταντίνος"}, {"Ioannis", "Ιωάννης"}, {"Maria", "Μαρία"}, {"Eleni", "Ελένη"}, {"Katerina", "Κατερίνα"}, {"Socrates", "Σωκράτης"}, {"Oikonomou", "Οικονόμου"}, {"Vasilis", "Βασίλης"}, {"Georgiou", "Γεωργίου"}, {"Panagiotis", "Παναγιώτης"}, {"Theodoros", "Θεόδωρος"}, {"Xenophon", "Ξενοφών"}, {"Mitsotakis", "Μητσοτάκης"}, {"Dora", "Ντόρα"}, {"Gikas", "Γκίκας"}, {"Zoe", "Ζωή"}, {"Filippos", "Φίλιππος"}, {"Charalambos", "Χαράλαμπος"}, {"Antetokounmpo", "Αντετοκούνμπο"},
    // Hindi
    {"Rahul", "राहुल"}, {"Priya", "प्रिया"}, {"Sharma", "शर्मा"}, {"Amit", "अमित"}, {"Singh", "सिंह"}, {"Vijay", "विजय"}, {"Kumar", "कुमार"}, {"Narendra", "नरेंद्र"}, {"Modi", "मोदी"}, {"Gandhi", "गांधी"}, {"Sunita", "सुनीता"}, {"Patel", "पटेल"}, {"Anil", "अनिल"}, {"Rajesh", "राजेश"}, {"Sanjay", "संजय"}, {"Deepak", "दीपक"}, {"Gupta", "गुप्ता"}, {"Verma", "वर्मा"}, {"Lakshmi", "लक्ष्मी"}, {"Krishna", "कृष्ण"}, {"Michael", "माइकल"}, {"David", "डेविड"},
    // Thai
    {"Somchai", "สมชาย"}, {"Prayut", "ประยุทธ์"}, {"Thaksin", "ทักษิณ"}, {"Yingluck", "ยิ่งลักษณ์"}, {"Shinawatra", "ชินวัตร"}, {"Somsak", "สมศักดิ์"}, {"Anan", "อนันต์"}, {"Wichai", "วิชัย"}, {"Suchart", "สุชาติ"}, {"Napha", "นภา"}, {"Kamol", "กมล"}, {"Mana", "มานะ"}, {"Sri", "ศรี"}, {"Phong", "พงษ์"}, {"Thana", "ธนา"}, {"Preecha", "ปรีชา"},
    // Georgian
    {"Giorgi", "გიორგი"}, {"Saakashvili", "სააკაშვილი"}, {"Ivanishvili", "ივანიშვილი"}, {"Shevardnadze", "შევარდნაძე"}, {"Nino", "ნინო"}, {"Tamar", "თამარ"}, {"Levan", "ლევან"}, {"Ketevan", "ქეთევან"}, {"Zurab", "ზურაბ"}, {"Bidzina", "ბიძინა"}, {"Mikheil", "მიხეილ"}, {"Davit", "დავით"}, {"Jughashvili", "ჯუღაშვილი"},
    // Armenian
    {"Sargsyan", "Սարգսյան"}, {"Hovhannes", "Հովհաննես"}, {"Pashinyan", "Փաշինյան"}, {"Armen", "Արմեն"}, {"Grigoryan", "Գրիգորյան"}, {"Narek", "Նարեկ"}, {"Tigran", "Տիգրան"}, {"Petrosyan", "Պետրոսյան"}, {"Anahit", "Անահիտ"}, {"Vardan", "Վարդան"}, {"Kocharyan", "Քոչարյան"}, {"Levon", "Լևոն"},
    // Ukrainian
    {"Volodymyr", "Володимир"}, {"Zelensky", "Зеленський"}, {"Yulia", "Юлія"}, {"Poroshenko", "Порошенко"}, {"Hanna", "Ганна"}, {"Yizhakevych", "Їжакевич"}, {"Oleksandr", "Олександр"}, {"Shcherbak", "Щербак"}, {"Yevhen", "Євген"}, {"Mykola", "Микола"}, {"Shevchenko", "Шевченко"}, {"Hrytsko", "Грицько"}, {"Yushchenko", "Ющенко"},
    // Persian
    {"Mahmoud", "محمود"}, {"Ahmadinejad", "احمدی‌نژاد"}, {"Khamenei", "خامنه‌ای"}, {"Zahra", "زهرا"}, {"Pahlavi", "پهلوی"}, {"Hossein", "حسین"}, {"Rouhani", "روحانی"}, {"Farhad", "فرهاد"}, {"Shirin", "شیرین"}, {"Ebadi", "عبادی"}, {"Maryam", "مریم"}, {"Changiz", "چنگیز"}, {"Golshiri", "گلشیری"}, {"Zhaleh", "ژاله"},
    // Bengali
    {"Rabindranath", "রবীন্দ্রনাথ"}, {"Thakur", "ঠাকুর"}, {"Sheikh", "শেখ"}, {"Hasina", "হাসিনা"}, {"Mujib", "মুজিব"}, {"Rahman", "রহমান"}, {"Khaleda", "খালেদা"}, {"Basu", "বসু"}, {"Suman", "সুমন"}, {"Karim", "করিম"},
    // Tamil
    {"Raman", "ராமன்"}, {"Kumar", "குமார்"}, {"Murugan", "முருகன்"}, {"Kannan", "கண்ணன்"}, {"Raja", "ராஜா"}, {"Sundar", "சுந்தர்"}, {"Pichai", "பிச்சை"}, {"Mani", "மணி"}, {"Selvam", "செல்வம்"},
    // Serbian
    {"Djokovic", "Ђоковић"}, {"Novak", "Новак"}, {"Vucic", "Вучић"}, {"Zeljko", "Жељко"}, {"Jovan", "Јован"}, {"Miljana", "Миљана"}, {"Petrovic", "Петровић"}, {"Ljubica", "Љубица"}, {"Njegos", "Његош"},
    // Bulgarian
    {"Georgi", "Георги"}, {"Dimitrov", "Димитров"}, {"Hristo", "Христо"}, {"Stoichkov", "Стоичков"}, {"Parvanov", "Първанов"}, {"Tsvetan", "Цветан"}, {"Zhelev", "Желев"}, {"Yuliyan", "Юлиян"}, {"Shterev", "Щерев"},
};

bool Agrees(const char* latin, const char* native) {
  const MatchGrade grade = CompareNames(latin, native).grade;
  return grade == MatchGrade::kSame || grade == MatchGrade::kPlausible;
}

TEST_CASE("names: one name in two scripts") {
  for (const auto& [latin, native] : kSame) CHECK_MESSAGE(Agrees(latin, native), latin << " " << native);
}

TEST_CASE("names: of other names few look like one, in any script") {
  int agree = 0, all = 0;
  for (const auto& [latin, own] : kSame) {
    for (const auto& [other, native] : kSame) {
      if (own == native) continue;
      ++all;
      agree += Agrees(latin, native);
    }
  }
  CHECK(agree * 100 < all);  // names of two languages may be one: David, Maria
}

}  // namespace
}  // namespace holdfast
