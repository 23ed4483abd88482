// Numbers as every view writes them, alike in all languages.

/** A weight: exact ones with so many decimals, those that came as one byte with two and a sign that says so. */
export function weightText(weight, exact, decimals = 3) {
  if (exact) return weight.toFixed(decimals);
  return weight < 0.005 ? "< 0.01" : `≈ ${weight.toFixed(2)}`;
}

/** A percentage: "84.8 %". */
export const percentText = (percent, decimals = 1) => `${percent.toFixed(decimals)} %`;

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (sign) => (sign === "-" ? "⁻" : RAISED[sign]);

/** A small number: "3.0 × 10⁻⁷". */
export function smallText(number) {
  if (number === 0) return "0";
  const [digits, power] = number.toExponential(1).split("e");
  return `${digits} × 10${[...String(Number(power))].map(raised).join("")}`;
}
